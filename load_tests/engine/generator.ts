/** One worker's share of a run: opens the clients, drives users and arrivals, and ends when the last call did. */
import type { FeedPlan, Rows } from "../core/feed.ts";
import { createMask } from "../core/mask.ts";
import type { Ms, OpInfo, Scenario } from "../core/model.ts";
import type { ClientHost, Protocol } from "../core/plugin.ts";
import type { WorkloadKind } from "../core/workload.ts";
import type { Clock } from "./clock.ts";
import { collectGarbage, keepCallsYoung } from "./heap.ts";
import type { FromWorker, Job } from "./port.ts";
import { rehearse, rehearseRecording } from "./rehearsal.ts";
import { Running } from "./running.ts";
import { openServed, type Served } from "./served.ts";
import { compileOps, infoOf } from "./steps.ts";
import { openWorkloads } from "./workloads.ts";

/** What a worker does its share with. */
export interface Plugins {
  readonly protocols: readonly Protocol[];
  readonly workloads: readonly WorkloadKind[];
  openFeed?(feed: FeedPlan): Promise<Rows>;
}

export interface Generator {
  readonly ops: readonly OpInfo[];
  start(clock: Clock): void;
  stop(drain: Ms): void;
  /** The phase at this position begins. */
  phase(index: number, at: Ms): void;
  /** A piece of memory for logged calls is free again. */
  room(memory: ArrayBuffer): void;
}

/** Opens every client and compiles every endpoint; what happens then is told by `say`. */
export async function prepareGenerator(
  job: Job,
  { protocols, workloads: kinds, ...data }: Plugins,
  say: (message: FromWorker) => void,
): Promise<Generator> {
  keepCallsYoung();
  const scenario = job.tap?.bodies ? logged(job.scenario) : job.scenario;
  const mask = createMask(job.secrets);
  const drive = scenario.flows.some((flow) => flow.drive === "arrivals") ? "arrivals" : "users";
  let running: Running | null = null;
  const host: ClientHost = {
    drive,
    secret: (value) => {
      mask.add(value);
      if (job.tap !== undefined && running !== null) say({ say: "secret", value });
    },
    ...(job.once === true ? { shows: true } : {}),
    begin: (op, user, since) => running?.unasked.begin(op, user, since) ?? null,
    every: (delay, fn) => running?.unasked.every(delay, fn) ?? (() => {}),
  };
  const served = await openServed(scenario, protocols, host);
  const calls = opTable(job, served);
  const workloads = await openWorkloads(scenario, kinds, {
    clientOps: calls.length,
    ...data,
    ...(job.shared === undefined ? {} : { shared: job.shared }),
    notice: (kind, text) => say({ say: "notice", kind, text }),
    log: (text) => say({ say: "log", text: mask.text(text) }),
  });
  await rehearse(scenario.services, protocols, job.env);
  collectGarbage();
  rehearseRecording();
  return {
    ops: [...calls, ...workloads.tasks],
    start: (clock) => {
      running = new Running({ job, served, clock, workloads, say, mask: (text) => mask.text(text) });
      running.begin();
    },
    stop: (drain) => running?.stop(drain),
    phase: (index, at) => running?.phase(index, at),
    room: (memory) => running?.tap?.returned(memory),
  };
}

/** The scenario with the beginning of every answer kept. */
const logged = (scenario: Scenario): Scenario => ({
  ...scenario,
  services: scenario.services.map((service) => ({
    ...service,
    endpoints: service.endpoints.map((endpoint) => ({ ...endpoint, logged: true })),
  })),
});

/** The ops by their ids; the first of a service, host and name speaks for all of them. */
function opTable({ scenario }: Job, served: readonly Served[]): OpInfo[] {
  const from = new Map(served.flatMap((each) => each.client.ops.map((op) => [op, each])));
  const table: OpInfo[] = [];
  for (const { op, id } of compileOps(scenario, served)) {
    const { service, host } = from.get(op)!;
    table[id] ??= infoOf(op, scenario.services[service]!, host);
  }
  return table;
}
