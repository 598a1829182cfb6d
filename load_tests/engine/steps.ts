/** One step of a user: picks a call, does first what it needs (log in, connect), then the call itself. */
import { compileChecks } from "../core/check.ts";
import type { MetricInfo, Ms, Outcome, Phase, Scenario, Service } from "../core/model.ts";
import type { Client, Op, User } from "../core/plugin.ts";
import type { Random } from "../core/random.ts";
import type { Values } from "../core/template.ts";
import { type Bench, type CompiledOp, send } from "./measure.ts";
import type { MetricPlaces } from "./recorder.ts";

/** What one step is about. `cutAt`: when the run cuts calls that are still open. */
export interface Step {
  readonly user: User;
  readonly values: Values;
  readonly due: Ms;
  readonly cutAt: Ms;
  readonly done: () => void;
}

/** A service's endpoint, by their positions in the scenario. */
export interface Choice {
  readonly service: number;
  readonly endpoint: number;
}

/** What a user of these services calls next: made once a run, asked once a step. */
export type Workload = (services: readonly Service[]) => (random: Random) => Choice;

export interface Steps {
  readonly compiled: readonly CompiledOp[];
  pick(random: Random): CompiledOp;
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

/** Ids of ops: those of one service and name share one, so they are one line of the report. */
export function compileOps(scenario: Scenario, clients: readonly Client[]): CompiledOp[] {
  const ids = new Map<string, number>();
  const idOf = (key: string): number => {
    if (!ids.has(key)) ids.set(key, ids.size);
    return ids.get(key)!;
  };
  return clients.flatMap((client, i) =>
    client.ops.map((op) => {
      const service = scenario.services[i]!;
      const checks = op.endpoint?.checks ?? [];
      const check = checks.length > 0 ? compileChecks(checks) : null;
      const timeout = op.timeout ?? service.timeout;
      return { op, id: idOf(`${service.name}\u0000${op.name}`), timeout, check, places: placesOf(op) };
    }),
  );
}

/** The metric places of each op id; ops that share an id have the same metrics. */
export function placesById(scenario: Scenario, clients: readonly Client[]): MetricPlaces[] {
  const places: MetricPlaces[] = [];
  for (const { id, places: each } of compileOps(scenario, clients)) places[id] ??= each;
  return places;
}

/** Position of the phase that holds t; times past the last belong to it. */
function phaseFinder(phases: readonly Phase[]): (t: Ms) => number {
  return (t) => {
    let index = 0;
    while (index + 1 < phases.length && phases[index + 1]!.start <= t) index++;
    return index;
  };
}

const MAX_NEEDS = 4;

export interface StepsSetup {
  readonly scenario: Scenario;
  readonly clients: readonly Client[];
  readonly workload: Workload;
}

export function makeSteps(bench: Bench, { scenario, clients, workload }: StepsSetup): Steps {
  const compiled = compileOps(scenario, clients);
  const byOp = new Map<Op, CompiledOp>(compiled.map((each) => [each.op, each]));
  const choose = workload(scenario.services);
  const phaseAt = phaseFinder(scenario.phases);
  const first = clients.map((_, i) => clients.slice(0, i).reduce((sum, client) => sum + client.ops.length, 0));

  const call = (op: CompiledOp, step: Step, due: Ms, done: (outcome: Outcome) => void): void => {
    const { user, values, cutAt } = step;
    send(bench, { compiled: op, user, values, due, phase: phaseAt(due), cutAt, done });
  };

  /** A need that is still there after it was tried was not met: the step ends, its failure is counted already. */
  const meetNeeds = (op: CompiledOp, step: Step, due: Ms, met: readonly Op[]): void => {
    const need = op.op.needs?.(step.user) ?? null;
    if (need === null) call(op, step, due, step.done);
    else if (met.includes(need) || met.length >= MAX_NEEDS) step.done();
    else
      call(byOp.get(need)!, step, due, (outcome) => {
        if (outcome === "ok") meetNeeds(op, step, bench.clock.now(), [...met, need]);
        else step.done();
      });
  };

  return {
    compiled,
    pick: (random) => {
      const { service, endpoint } = choose(random);
      return compiled[first[service]! + endpoint]!;
    },
    run: (op, step) => {
      if (op.op.needs === undefined) call(op, step, step.due, step.done);
      else meetNeeds(op, step, step.due, []);
    },
    phaseAt,
  };
}
