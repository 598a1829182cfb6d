/** One call of a user: does first what it needs (log in, connect), then the call itself. */
import { compileCaptures } from "../core/capture.ts";
import { compileChecks } from "../core/check.ts";
import type { MetricInfo, Ms, Outcome, Phase, Scenario } from "../core/model.ts";
import type { Client, Op, User } from "../core/plugin.ts";
import { type Random, uniform } from "../core/random.ts";
import type { Values } from "../core/template.ts";
import type { Target } from "../core/workload.ts";
import { type Bench, type CompiledOp, send } from "./measure.ts";
import type { MetricPlaces } from "./recorder.ts";
import type { Served } from "./served.ts";

/** What one step is about. `cutAt`: when the run cuts calls that are still open. */
export interface Step {
  readonly user: User;
  readonly values: Values;
  readonly due: Ms;
  readonly cutAt: Ms;
  readonly done: (ok: boolean) => void;
}

export interface Steps {
  readonly compiled: readonly CompiledOp[];
  /** The host is drawn, or the one whose turn it is; `user` may have to stay at the one where it was before. */
  find(target: Target, random: Random, user: User | null, turn?: number): CompiledOp;
  run(op: CompiledOp, step: Step): void;
  phaseAt(t: Ms): number;
}

/** The metrics of an op, in the order of its series' histograms. */
export const metricsOf = (op: Op): MetricInfo[] =>
  [op.firstItem, op.gap, ...(op.extra ?? [])].filter((metric) => metric !== null);

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
      const checks = op.endpoint?.checks ?? [];
      const check = checks.length > 0 ? compileChecks(checks) : null;
      const captures = op.endpoint?.captures ?? [];
      const captor = captures.length > 0 ? compileCaptures(captures) : null;
      const timeout = op.timeout ?? service.timeout;
      const id = idOf(`${service.name}\u0000${op.name}\u0000${host}\u0000${op.endpoint?.tags ?? ""}`);
      return { op, id, timeout, check, captor, places: placesOf(op) };
    }),
  );
}

/** The metric places of each op id; ops that share an id have the same metrics. */
export function placesById(scenario: Scenario, served: readonly Served[]): MetricPlaces[] {
  const places: MetricPlaces[] = [];
  for (const { id, places: each } of compileOps(scenario, served)) places[id] ??= each;
  return places;
}

/** Position of the phase that holds t; times past the last belong to it. */
export function phaseFinder(phases: readonly Phase[]): (t: Ms) => number {
  return (t) => {
    let index = 0;
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
  /** Position of the phase that a time belongs to. */
  phaseAt(t: Ms): number;
}

export function makeSteps(bench: Bench, { scenario, served, phaseAt }: StepsSetup): Steps {
  const compiled = compileOps(scenario, served);
  const byOp = new Map<Op, CompiledOp>(compiled.map((each) => [each.op, each]));
  const hosts = hostsOf(scenario, served);

  const call = (op: CompiledOp, step: Step, due: Ms, done: (outcome: Outcome) => void): void => {
    const { user, values, cutAt } = step;
    send(bench, { compiled: op, user, values, due, phase: phaseAt(due), cutAt, done });
  };

  /** A need that is still there after it was tried was not met: the step ends, its failure is counted already. */
  const meetNeeds = (op: CompiledOp, step: Step, due: Ms, met: readonly Op[]): void => {
    const need = op.op.needs?.(step.user) ?? null;
    if (need === null) call(op, step, due, (outcome) => step.done(outcome === "ok"));
    else if (met.includes(need) || met.length >= MAX_NEEDS) step.done(false);
    else
      call(byOp.get(need)!, step, due, (outcome) => {
        if (outcome === "ok") meetNeeds(op, step, bench.clock.now(), [...met, need]);
        else step.done(false);
      });
  };

  return {
    compiled,
    find: ({ service, endpoint }, random, user, turn) =>
      byOp.get(clientFor(hosts[service]!, random, user, turn).ops[endpoint]!)!,
    run: (op, step) => {
      if (op.op.needs === undefined) call(op, step, step.due, (outcome) => step.done(outcome === "ok"));
      else meetNeeds(op, step, step.due, []);
    },
    phaseAt,
  };
}
