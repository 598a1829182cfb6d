/** How many calls a scenario is expected to give, and which criteria these are too few for. */
import type { CriterionSpec, Flow, Phase, Scenario, Scope } from "../core/model.ts";
import { meanPause } from "../core/pause.ts";
import { areaBetween, levelAt } from "../core/schedule.ts";

/** Seconds that a call is taken to last, where users wait for it before they think. */
const CALL_SECONDS = 1;

const secondsPerCall = ({ think }: Flow): number => meanPause(think) / 1000 + CALL_SECONDS;

/** Calls per second at a level of the flow: the arrivals, or users over think time plus a second. */
export const callRate = (flow: Flow, level: number): number =>
  flow.drive === "arrivals" ? level : level / secondsPerCall(flow);

/** Calls expected in a phase. */
export const expectedCalls = ({ flows }: Scenario, { start, duration }: Phase): number =>
  flows.reduce((sum, flow) => sum + callRate(flow, areaBetween(flow.segments, start, start + duration)), 0);

const total = (items: readonly { weight: number }[]): number => items.reduce((sum, { weight }) => sum + weight, 0);

/** Shares of all calls that fall to what the scope names, one for each endpoint where it says `each`. */
function shares({ services }: Scenario, { service, endpoint }: Scope): number[] {
  const whole = total(services) || 1;
  const all = services
    .filter(({ name }) => service === undefined || name === service)
    .flatMap(({ weight, endpoints }) => {
      const sum = total(endpoints) || 1;
      return endpoints.map((each) => ({ name: each.name, share: ((weight / whole) * each.weight) / sum }));
    })
    .filter(({ name }) => endpoint === undefined || endpoint === "each" || name === endpoint);
  const each = all.map(({ share }) => share);
  return endpoint === "each" ? each : [each.reduce((sum, share) => sum + share, 0)];
}

/** Calls that a statistic needs: for the p-th percentile as many as show one above it 95 times in 100; else 20. */
export function neededSamples({ sentence, minSamples }: CriterionSpec): number {
  if (minSamples !== null) return minSamples;
  const p = /\bp(\d+(?:\.\d+)?)\b/.exec(sentence)?.[1];
  return p === undefined ? 20 : Math.max(20, Math.ceil(Math.log(0.05) / Math.log(Number(p) / 100)));
}

const NEEDS_NO_COUNT = new Set(["recovery", "health"]);

/** A sentence for each criterion that the expected calls cannot answer. */
export function thinCriteria(scenario: Scenario): string[] {
  return scenario.criteria.flatMap((spec) => {
    if (NEEDS_NO_COUNT.has(spec.kind)) return [];
    const phases = scenario.phases.filter(({ name, measured }) =>
      spec.scope.phase === undefined ? measured : name === spec.scope.phase,
    );
    const calls = phases.reduce((sum, phase) => sum + expectedCalls(scenario, phase), 0);
    const least = Math.floor(calls * Math.min(...shares(scenario, spec.scope)));
    const needed = neededSamples(spec);
    if (!(least < needed)) return [];
    return [
      `${spec.sentence}: about ${least} calls are expected${scopeText(spec.scope)} and ${needed} are needed; fewer are unknown`,
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
export function recoveryTooThin({ roles, phases, flows }: Scenario): string | null {
  const before = phases.find(({ name }) => name === roles?.before);
  const after = phases.find(({ name }) => name === roles?.after);
  const [flow] = flows;
  if (before === undefined || after === undefined || flow === undefined) return null;
  const level = levelAt(flow.segments, before.start + before.duration * (1 - 1e-9));
  const rate = callRate(flow, level);
  const window = after.duration / 4000;
  if (rate * window >= WINDOW_CALLS - ROUNDING) return null;
  const perLevel = callRate(flow, 1);
  const more = `${Math.ceil(WINDOW_CALLS / window / perLevel - ROUNDING)} ${flow.drive === "users" ? "users" : "arrivals/s"} before the spike`;
  const longer = rate > 0 ? `, or ${Math.ceil((4 * WINDOW_CALLS) / rate - ROUNDING)} s of recovery` : "";
  const said = `about ${Math.round(rate * window)} calls are expected in a quarter of the recovery`;
  return `${said} and ${WINDOW_CALLS} are needed: it would take ${more}${longer}`;
}
