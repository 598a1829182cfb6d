/** Whether this machine has the files and the local ports that a load may come to need: asked before anything is sent. */
import { readFileSync } from "node:fs";
import type { Flow, Scenario, Service } from "../core/model.ts";
import { peakUsers } from "../core/schedule.ts";

/** What one process of this machine may have; null where the system does not tell. */
export interface MachineLimits {
  readonly files: number | null;
  /** Local ports, and so connections to one address. */
  readonly ports: number | null;
}

/** Files of the engine itself: its own, its threads' and its reports'. */
const OWN_FILES = 200;

/** What Linux says in /proc. */
export function readLimits(): MachineLimits {
  const files = /Max open files\s+(\d+)/.exec(textOf("/proc/self/limits"))?.[1];
  const [from, to] = textOf("/proc/sys/net/ipv4/ip_local_port_range").split(/\s+/).map(Number);
  return {
    files: files === undefined ? null : Number(files),
    ports: to === undefined ? null : to - from! + 1,
  };
}

function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8").trim();
  } catch {
    return "";
  }
}

/** How a service's clients keep connections; each protocol has its own word. */
interface Kept {
  readonly channels?: number | "per_user";
}

/** Calls that may be open at once: one a user, or as many as arrive until the first is given up. */
function mostOpen({ drive, segments }: Flow, { maxInFlight }: Scenario, { timeout }: Service): number {
  if (drive === "users") return peakUsers(segments);
  const rate = segments.reduce((most, { from, to }) => Math.max(most, from, to), 0);
  return Math.min(maxInFlight, Math.ceil((rate * timeout) / 1000));
}

/** The most connections that a service may come to have. */
function connectionsTo(service: Service, scenario: Scenario, workers: number): number {
  const { channels } = (service.settings ?? {}) as Kept;
  if (typeof channels === "number") return channels * workers;
  const open = scenario.flows.reduce((sum, flow) => sum + mostOpen(flow, scenario, service), 0);
  return scenario.flows.every(({ drive }) => drive === "arrivals") ? Math.min(open, scenario.maxInFlight) : open;
}

const many = (n: number): string => n.toLocaleString("en-US");

/** A sentence for each limit that the load may pass, with what to raise. */
export function limitWarnings(scenario: Scenario, workers: number, { files, ports }: MachineLimits): string[] {
  const needs = scenario.services.map((service) => ({ service, most: connectionsTo(service, scenario, workers) }));
  const all = needs.reduce((sum, { most }) => sum + most, 0) + OWN_FILES;
  const warnings: string[] = [];
  if (files !== null && all > files)
    warnings.push(
      `this load may need ${many(all)} open files, and this machine allows ${many(files)}: raise it by \`ulimit -n ${all}\` before the run`,
    );
  for (const { service, most } of needs) {
    if (ports === null || most <= ports * (service.hosts?.length ?? 1)) continue;
    warnings.push(
      `${service.name} may need ${many(most)} connections, and this machine has ${many(ports)} local ports for one address: widen them by \`sysctl net.ipv4.ip_local_port_range="1024 65535"\`, or use more machines`,
    );
  }
  return warnings;
}
