/** One worker's share of a run: opens the clients, drives users and arrivals, and ends when the last call did. */
import { createMask } from "../core/mask.ts";
import type { Ms, OpInfo, Service } from "../core/model.ts";
import type { Client, ClientHost, Op, Protocol } from "../core/plugin.ts";
import type { Clock } from "./clock.ts";
import type { FromWorker, Job } from "./port.ts";
import { rehearse } from "./rehearsal.ts";
import { Running } from "./running.ts";
import { compileOps, metricsOf, type Workload } from "./steps.ts";

const infoOf = (op: Op, service: Service): OpInfo => ({
  service: service.name,
  name: op.name,
  protocol: service.protocol,
  method: op.method,
  metrics: metricsOf(op),
});

/** What a worker does its share with. */
export interface Plugins {
  readonly protocols: readonly Protocol[];
  readonly workload: Workload;
}

export interface Generator {
  readonly ops: readonly OpInfo[];
  start(clock: Clock): void;
  stop(drain: Ms): void;
}

/** Opens every client and compiles every endpoint; what happens then is told by `say`. */
export async function prepareGenerator(
  job: Job,
  { protocols, workload }: Plugins,
  say: (message: FromWorker) => void,
): Promise<Generator> {
  const { scenario } = job;
  const mask = createMask(job.secrets);
  const drive = scenario.flows.some((flow) => flow.drive === "arrivals") ? "arrivals" : "users";
  let running: Running | null = null;
  const host: ClientHost = {
    drive,
    secret: (value) => mask.add(value),
    begin: (op, user, since) => running?.unasked.begin(op, user, since) ?? null,
    every: (delay, fn) => running?.unasked.every(delay, fn) ?? (() => {}),
  };
  const clients = await Promise.all(
    scenario.services.map((service) => protocolOf(protocols, service).open(service, host)),
  );
  const ops = opTable(job, clients);
  await rehearse(scenario.services, protocols, job.env);
  return {
    ops,
    start: (clock) => {
      running = new Running({ job, clients, clock, workload, say, mask: (text) => mask.text(text) });
      running.begin();
    },
    stop: (drain) => running?.stop(drain),
  };
}

function protocolOf(protocols: readonly Protocol[], service: Service): Protocol {
  const protocol = protocols.find(({ kind }) => kind === service.protocol);
  if (protocol === undefined) throw new Error(`no protocol is registered for ${service.protocol}`);
  return protocol;
}

/** The ops by their ids; the first of a service and name speaks for all of them. */
function opTable({ scenario }: Job, clients: readonly Client[]): OpInfo[] {
  const service = new Map(clients.flatMap((client, i) => client.ops.map((op) => [op, scenario.services[i]!])));
  const table: OpInfo[] = [];
  for (const { op, id } of compileOps(scenario, clients)) table[id] ??= infoOf(op, service.get(op)!);
  return table;
}
