/** How many calls a scenario is expected to give, and which criteria these are too few for. */
import type { CriterionSpec, Flow, Phase, Scenario, Scope } from "../core/model.ts";
import { areaBetween, levelAt } from "../core/schedule.ts";
import { callsOf, countedPart, hasEnd, iterationRate } from "./iterations.ts";

const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0);

/** Calls per second at a level of the flow. */
const callRate = (scenario: Scenario, flow: Flow, level: number): number =>
  iterationRate(scenario, flow, level) * sum(callsOf(scenario, flow).map(({ calls }) => calls));

/** Calls of a flow that are expected in a phase. */
function callsIn(scenario: Scenario, flow: Flow, { start, duration }: Phase): number {
  const part = countedPart(scenario, flow, areaBetween(flow.segments, 0, scenario.duration));
  return part * callRate(scenario, flow, areaBetween(flow.segments, start, start + duration));
}

/** Calls expected in a phase. */
export const expectedCalls = (scenario: Scenario, phase: Phase): number =>
  sum(scenario.flows.map((flow) => callsIn(scenario, flow, phase)));

/** Whether the scope is of a task, which is counted apart. */
const isOfTask = ({ workloads = [] }: Scenario, { endpoint }: Scope): boolean =>
  workloads.some(({ tasks }) => tasks.some(({ name }) => name === endpoint));

const hasTag = (
  { services }: Scenario,
  { service, name, tag }: { readonly service: string; readonly name: string; readonly tag: string },
): boolean => {
  const endpoints = services.find((each) => each.name === service)?.endpoints ?? [];
  return endpoints.some((each) => each.name === name && each.tags?.includes(tag) === true);
};

/** Shares of all calls that fall to what the scope names, one for each endpoint where it says `each`. */
function shares(scenario: Scenario, { service, endpoint, tag }: Scope): number[] {
  const found = new Map<string, number>();
  let whole = 0;
  for (const flow of scenario.flows)
    for (const { service: of, name, calls } of callsOf(scenario, flow)) {
      const weighed = calls * iterationRate(scenario, flow, areaBetween(flow.segments, 0, scenario.duration));
      whole += weighed;
      const isIn =
        (service ?? of) === of &&
        (tag === undefined || hasTag(scenario, { service: of, name, tag })) &&
        (endpoint === undefined || endpoint === "each" || endpoint === name);
      if (isIn) found.set(`${of} ${name}`, (found.get(`${of} ${name}`) ?? 0) + weighed);
    }
  const each = [...found.values()].map((calls) => calls / (whole || 1));
  return endpoint === "each" ? each : [sum(each)];
}

/** Calls that a statistic needs: for the p-th percentile as many as show one above it 95 times in 100; else 20. */
export function neededSamples({ sentence, minSamples }: CriterionSpec): number {
  if (minSamples !== null) return minSamples;
  const p = /\bp(\d+(?:\.\d+)?)\b/.exec(sentence)?.[1];
  return p === undefined ? 20 : Math.max(20, Math.ceil(Math.log(0.05) / Math.log(Number(p) / 100)));
}

const NEEDS_NO_COUNT = new Set(["recovery", "growth", "health"]);

/** A sentence for each criterion that the expected calls cannot answer; how many code makes, nobody can expect. */
export function thinCriteria(scenario: Scenario): string[] {
  if (scenario.workloads?.some(({ kind }) => kind === "code")) return [];
  return scenario.criteria.flatMap((spec) => {
    if (NEEDS_NO_COUNT.has(spec.kind) || isOfTask(scenario, spec.scope) || !hasEnd(scenario)) return [];
    const phases = scenario.phases.filter(({ name, measured }) =>
      spec.scope.phase === undefined ? measured : name === spec.scope.phase,
    );
    const calls = phases.reduce((sum, phase) => sum + expectedCalls(scenario, phase), 0);
    const least = Math.floor(calls * Math.min(...shares(scenario, spec.scope)));
    const needed = neededSamples(spec);
    if (!(least < needed)) return [];
    return [
      `${spec.sentence}: about ${least} ${least === 1 ? "call is" : "calls are"} expected${scopeText(spec.scope)} and ${needed} are needed; fewer are unknown`,
    ];
  });
}

const scopeText = ({ endpoint, service }: Scope): string =>
  endpoint === "each"
    ? " at the rarest endpoint"
    : endpoint === undefined
      ? service === undefined
        ? ""
        : ` of ${service}`
      : ` of ${endpoint}`;

const WINDOW_CALLS = 500;
const ROUNDING = 1e-6;

/**
 * Why recovery cannot be judged: its window, a quarter of the after-phase at most, holds fewer than 500 calls at the
 * level before. Null where it can.
 */
export function recoveryTooThin(scenario: Scenario): string | null {
  const { roles, phases, flows } = scenario;
  const before = phases.find(({ name }) => name === roles?.before);
  const after = phases.find(({ name }) => name === roles?.after);
  const [flow] = flows;
  if (before === undefined || after === undefined || flow === undefined) return null;
  const level = levelAt(flow.segments, before.start + before.duration * (1 - 1e-9));
  const rate = callRate(scenario, flow, level);
  const window = after.duration / 4000;
  if (rate * window >= WINDOW_CALLS - ROUNDING) return null;
  const perLevel = callRate(scenario, flow, 1);
  const more = `${Math.ceil(WINDOW_CALLS / window / perLevel - ROUNDING)} ${flow.drive === "users" ? "users" : "arrivals/s"} before the spike`;
  const longer = rate > 0 ? `, or ${Math.ceil((4 * WINDOW_CALLS) / rate - ROUNDING)} s of recovery` : "";
  const said = `about ${Math.round(rate * window)} calls are expected in a quarter of the recovery`;
  return `${said} and ${WINDOW_CALLS} are needed: it would take ${more}${longer}`;
}
