/** `throughput >= 190/s`, `throughput >= 95% of offered`, `throughput >= 9.5x baseline`: ok calls of measured phases. */
import type { RunResult } from "../core/ledger.ts";
import type { CriterionSpec, Scenario } from "../core/model.ts";
import { defineCriterion, type JudgeContext } from "../core/plugin.ts";
import { decide, FEW, type Finding, unknown } from "./finding.ts";
import { lengthOf, scopeInWords, seriesOf } from "./scope.ts";
import { holds, type Operator, onlyOperators, sentenceOf } from "./sentence.ts";
import { type Tally, tally } from "./tally.ts";

export interface ThroughputRule {
  readonly operator: Operator;
  /** Calls per second, a ratio of what was offered, or a multiple of the baseline's throughput. */
  readonly limit: number;
  readonly of: "second" | "offered" | "baseline";
}

type Spec = CriterionSpec & { rule: ThroughputRule };
type Seen = Pick<Finding, "subject" | "observed" | "limit" | "unit" | "note">;

const FORMS = [
  [/^(\d+(?:\.\d+)?) ?\/ ?s$/, "second", 1],
  [/^(\d+(?:\.\d+)?) ?% of offered$/, "offered", 100],
  [/^(\d+(?:\.\d+)?) ?x baseline$/, "baseline", 1],
] as const;

function parse(text: string): ThroughputRule | null {
  const sentence = sentenceOf(text, /throughput/);
  if (sentence === null) return null;
  if (sentence.head !== "throughput")
    throw new Error(`expected "throughput" alone before ${sentence.operator}, found "${sentence.head}"`);
  const value = sentence.value.replace(/\s+/g, " ");
  for (const [form, of, divisor] of FORMS) {
    const number = form.exec(value)?.[1];
    if (number === undefined) continue;
    if (of !== "second") onlyOperators(sentence, [">=", ">"]);
    return { operator: sentence.operator, limit: Number(number) / divisor, of };
  }
  throw new Error(
    `expected 190/s, 95% of offered or 9.5x baseline after ${sentence.operator}, found "${sentence.value}"`,
  );
}

const isOpen = ({ flows }: Scenario): boolean => flows.every(({ drive }) => drive === "arrivals");

const NO_OFFER = "users wait for the service, so that nothing is offered that it could fail to carry; it needs `rate`";

const CARRIED = "the share of offered calls that were ok";

/** What is compared, if every one of `ok` calls had been carried; a sentence where it cannot be. */
function seen(
  { rule, scope }: Spec,
  result: RunResult,
  baseline: JudgeContext["baseline"],
): ((ok: number) => Seen) | string {
  const perSecond = (ok: number) => ok / (lengthOf(result, scope) / 1000);
  const { offered } = tally(seriesOf(result, scope));
  const subject = "throughput";
  switch (rule.of) {
    case "second":
      return (ok) => ({ subject, observed: perSecond(ok), limit: rule.limit, unit: "/s" });
    case "offered":
      if (!isOpen(result.header.scenario)) return NO_OFFER;
      return (ok) => ({ subject: CARRIED, observed: ok / offered, limit: rule.limit, unit: "ratio" });
    case "baseline": {
      if (baseline === null) return "there is no baseline to compare with";
      if (
        scope.endpoint !== undefined ||
        scope.service !== undefined ||
        scope.phase !== undefined ||
        scope.tag !== undefined
      )
        return "the baseline's throughput is known for all endpoints together only";
      if (baseline.throughput <= 0) return `the baseline ${baseline.runId} has no ok call`;
      const note = `${rule.limit} times the baseline ${baseline.runId}`;
      return (ok) => ({ subject, observed: perSecond(ok), limit: rule.limit * baseline.throughput, unit: "/s", note });
    }
  }
}

/** Of the time that calls take to fill `max_in_flight`: a generator that stood still no longer than that did not fill it. */
const OF_FILLING = 0.5;

/**
 * Whether calls in flight may have piled up for the generator's own slowness. After it stood still for D, the calls of
 * D go out at once: of M / rate that it takes to fill M places, the service took all but D.
 */
function mayPileUp({ header, lateness, loopDelay }: RunResult): boolean {
  const { flows, maxInFlight } = header.scenario;
  const rate = flows.reduce(
    (sum, { segments }) => sum + Math.max(...segments.flatMap(({ from, to }) => [from, to])),
    0,
  );
  return Math.max(lateness.max, loopDelay.max) >= OF_FILLING * (maxInFlight / rate) * 1000;
}

/** Calls that were not sent by the generator's own fault. */
function ours({ late, machine, limit }: Tally, result: RunResult, healthy: boolean): number {
  const { scenario } = result.header;
  return late + machine + (healthy || (isOpen(scenario) && !mayPileUp(result)) ? 0 : limit);
}

/** Why too little throughput may be the generator's doing; null where the calls that were sent prove it. */
function excuse(spec: Spec, result: RunResult, context: JudgeContext, carried: (ok: number) => Seen): string | null {
  const counts = tally(seriesOf(result, spec.scope));
  const best = carried(counts.ok + ours(counts, result, context.generatorHealthy));
  if (holds(best.observed, spec.rule.operator, best.limit))
    return "it would have held with the calls that the generator failed to send";
  if (context.generatorHealthy || counts.ok === 0 || isOpen(result.header.scenario)) return null;
  return "the generator was not healthy, and users who wait for it send less";
}

export const throughput = defineCriterion<ThroughputRule>({
  kind: "throughput",
  example: "throughput >= 95% of offered",
  parse,
  unfit: (rule, scenario) => (rule.of === "offered" && !isOpen(scenario) ? NO_OFFER : null),
  judge(spec, result, context) {
    const carried = seen(spec, result, context.baseline);
    if (typeof carried === "string") return [unknown(spec, carried)];
    const { ok, offered } = tally(seriesOf(result, spec.scope));
    if (offered === 0 || lengthOf(result, spec.scope) === 0)
      return [unknown(spec, `no call was due in ${scopeInWords(spec.scope)}`)];
    if (!context.over && spec.rule.of !== "offered")
      return [unknown(spec, "throughput is judged when the run is over")];
    return [
      decide(spec, context, {
        ...carried(ok),
        operator: spec.rule.operator,
        samples: offered,
        sample: "call",
        needed: FEW,
        certain: spec.rule.of !== "offered" || ok === 0,
        excuse: excuse(spec, result, context, carried),
      }),
    ];
  },
});
