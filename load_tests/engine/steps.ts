/** One call of a user: does first what it needs (log in, connect), then the call itself. */
import { compileCaptures } from "../core/capture.ts";
import { compileChecks } from "../core/check.ts";
import type { MetricInfo, Ms, OpInfo, Phase, Scenario, Service } from "../core/model.ts";
import type { Client, Op, User } from "../core/plugin.ts";
import { type Random, uniform } from "../core/random.ts";
import type { Request, Target } from "../core/workload.ts";
import type { Bench, CompiledOp, Errand } from "./bench.ts";
import type { Lines } from "./lines.ts";
import { send } from "./measure.ts";
import type { MetricPlaces } from "./sample.ts";
import type { Served } from "./served.ts";

export interface Steps {
  readonly compiled: readonly CompiledOp[];
  /**
   * The host is drawn, or the one whose turn it is; `user` may have to stay at the one where it was before. Throws an
   * Error with a sentence where there is no such call as is requested.
   */
  find(target: Target | Request, random: Random, user: User | null, turn?: number): CompiledOp;
  run(op: CompiledOp, errand: Errand): void;
}

/** The metrics of an op, in the order of its series' histograms. */
export const metricsOf = (op: Op): MetricInfo[] =>
  [op.firstItem, op.gap, ...(op.extra ?? [])].filter((metric) => metric !== null);

export const infoOf = (op: Op, service: Service, host: string | undefined): OpInfo => ({
  service: service.name,
  name: op.name,
  ...(host === undefined ? {} : { host }),
  protocol: service.protocol,
  method: op.method,
  ...(op.endpoint?.tags === undefined ? {} : { tags: op.endpoint.tags }),
  metrics: metricsOf(op),
});

export function placesOf(op: Op): MetricPlaces {
  const first = op.firstItem === null ? -1 : 0;
  const gap = op.gap === null ? -1 : first + 1;
  const names = metricsOf(op).map(({ name }) => name);
  return { names, first, gap, extra: names.length - (op.extra?.length ?? 0) };
}

/** Ids of ops: those of one service, host, name and tags share one. */
export function compileOps(scenario: Scenario, served: readonly Served[]): CompiledOp[] {
  const ids = new Map<string, number>();
  const idOf = (key: string): number => {
    if (!ids.has(key)) ids.set(key, ids.size);
    return ids.get(key)!;
  };
  return served.flatMap(({ client, host = "", ...each }) =>
    client.ops.map((op) => {
      const service = scenario.services[each.service]!;
      return compileOp(
        op,
        service,
        idOf(`${service.name}\u0000${op.name}\u0000${host}\u0000${op.endpoint?.tags ?? ""}`),
      );
    }),
  );
}

function compileOp(op: Op, service: Service, id: number): CompiledOp {
  const checks = op.endpoint?.checks ?? [];
  const check = checks.length > 0 ? compileChecks(checks) : null;
  const captures = op.endpoint?.captures ?? [];
  const captor = captures.length > 0 ? compileCaptures(captures) : null;
  return { op, id, timeout: op.timeout ?? service.timeout, check, captor, places: placesOf(op) };
}

/** Compiles calls that the plan does not know, each once a client. */
function askedOps(lines: Lines, { scenario, served }: StepsSetup) {
  const known = new WeakMap<Request, Map<Client, CompiledOp>>();
  return (request: Request, client: Client): CompiledOp => {
    const byClient = known.get(request) ?? new Map<Client, CompiledOp>();
    known.set(request, byClient);
    let compiled = byClient.get(client);
    if (compiled === undefined) {
      const service = scenario.services[request.service]!;
      if (client.compile === undefined) throw new Error(`code cannot call ${service.name}: it is ${service.protocol}`);
      const op = client.compile(request.entry);
      const { host } = served.find((each) => each.client === client)!;
      compiled = compileOp(op, service, lines.of(infoOf(op, service, host), placesOf(op)));
      byClient.set(client, compiled);
    }
    return compiled;
  };
}

/** The metric places of each op id; ops that share an id have the same metrics. */
export function placesById(scenario: Scenario, served: readonly Served[]): MetricPlaces[] {
  const places: MetricPlaces[] = [];
  for (const { id, places: each } of compileOps(scenario, served)) places[id] ??= each;
  return places;
}

/** Position of the phase that holds t; times past the last belong to it. It remembers the last: most times are near. */
export function phaseFinder(phases: readonly Phase[]): (t: Ms) => number {
  let index = 0;
  return (t) => {
    while (index > 0 && phases[index]!.start > t) index--;
    while (index + 1 < phases.length && phases[index + 1]!.start <= t) index++;
    return index;
  };
}

/** The clients of each service, one a host. */
const hostsOf = ({ services }: Scenario, served: readonly Served[]): Client[][] =>
  services.map((_, i) => served.filter(({ service }) => service === i).map(({ client }) => client));

/** The client of the host that a call goes to: drawn for the call, or once for the user. */
function clientFor(clients: readonly Client[], random: Random, user: User | null, turn?: number): Client {
  if (clients.length === 1) return clients[0]!;
  if (turn !== undefined) return clients[turn % clients.length]!;
  const kept = user?.slots.get(clients) as Client | undefined;
  if (kept !== undefined) return kept;
  const client = clients[Math.floor(uniform(random, 0, clients.length))]!;
  if (client.keepsHost) user?.slots.set(clients, client);
  return client;
}

const MAX_NEEDS = 4;

export interface StepsSetup {
  readonly scenario: Scenario;
  readonly served: readonly Served[];
  readonly lines: Lines;
}

export function makeSteps(bench: Bench, setup: StepsSetup): Steps {
  const { scenario, served } = setup;
  const asked = askedOps(setup.lines, setup);
  const compiled = compileOps(scenario, served);
  const byOp = new Map<Op, CompiledOp>(compiled.map((each) => [each.op, each]));
  const hosts = hostsOf(scenario, served);
  const byClient = new Map(served.map(({ client }) => [client, client.ops.map((op) => byOp.get(op)!)]));
  /** By service and endpoint, where the service has one host. */
  const only = hosts.map((clients) => (clients.length === 1 ? byClient.get(clients[0]!)! : null));

  /** A need that is still there after it was tried was not met: the errand ends, its failure is counted already. */
  const meetNeeds = (op: CompiledOp, errand: Errand, met: readonly Op[]): void => {
    const need = op.op.needs?.(errand.user) ?? null;
    if (need === null) send(bench, op, errand);
    else if (met.includes(need) || met.length >= MAX_NEEDS) errand.done(false);
    else
      send(bench, byOp.get(need)!, {
        ...errand,
        hold: null,
        done: (ok) => {
          if (ok) meetNeeds(op, { ...errand, due: bench.clock.now() }, [...met, need]);
          else errand.done(false);
        },
      });
  };

  return {
    compiled,
    find: (target, random, user, turn) => {
      const ops = only[target.service]!;
      if (ops !== null && "endpoint" in target) return ops[target.endpoint]!;
      const client = clientFor(hosts[target.service]!, random, user, turn);
      return "entry" in target ? asked(target, client) : byClient.get(client)![target.endpoint]!;
    },
    run: (op, errand) => {
      if (op.op.needs === undefined) send(bench, op, errand);
      else meetNeeds(op, errand, []);
    },
  };
}
