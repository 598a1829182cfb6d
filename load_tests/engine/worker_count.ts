/** How many worker threads a load is shared by: the cores that are there, at most what the load needs. */
import type { Flow, Scenario } from "../core/model.ts";
import { meanPause } from "../core/pause.ts";
import { peakUsers } from "../core/schedule.ts";

/** What one worker carries with room to spare, whatever the protocol: gRPC takes up to 0.2 ms of a core a call. */
const CALLS_PER_SECOND = 2000;
const USERS = 5000;

export interface WorkerCount {
  readonly workers: number;
  /** Why there are not as many as were asked for; null where there are. */
  readonly why: string | null;
}

/** Calls per second at the flow's highest level: the arrivals, or what users come to whose calls take no time. */
function peakRate({ drive, segments, think }: Flow): number {
  if (drive === "arrivals") return segments.reduce((most, { from, to }) => Math.max(most, from, to), 0);
  const users = peakUsers(segments);
  return users === 0 ? 0 : (users * 1000) / meanPause(think);
}

const usersOf = ({ drive, segments }: Flow): number => (drive === "users" ? peakUsers(segments) : 0);

/** The most workers that find something to do. */
function useful({ flows, maxInFlight }: Scenario): number {
  const users = flows.reduce((sum, flow) => sum + usersOf(flow), 0);
  return Math.max(1, flows.every(({ drive }) => drive === "users") ? users : maxInFlight);
}

/** Of `cores`, one is left to the stand-ins where there are some. `asked` is obeyed as far as it makes sense. */
export function workersFor(scenario: Scenario, cores: number, asked?: number): WorkerCount {
  const most = useful(scenario);
  if (asked !== undefined)
    return { workers: Math.min(asked, most), why: asked > most ? tooMany(scenario, most) : null };
  const { flows, services } = scenario;
  const sum = (of: (flow: Flow) => number) => flows.reduce((total, flow) => total + of(flow), 0);
  const needed = Math.ceil(Math.max(sum(peakRate) / CALLS_PER_SECOND, sum(usersOf) / USERS));
  const free = services.some(({ embedded }) => embedded) ? cores - 1 : cores;
  return { workers: Math.max(1, Math.min(free, needed, most)), why: null };
}

function tooMany({ flows }: Scenario, most: number): string {
  const limit = flows.every(({ drive }) => drive === "users") ? `${most} users` : `max_in_flight ${most}`;
  return `${limit} give work to ${most} workers at most: ${most} are started`;
}
