/** Whether the generator can be trusted, and `generator.lateness p99 < 10ms`. */
import { type Histogram, mergeHistograms } from "../core/histogram.ts";
import type { RunResult } from "../core/ledger.ts";
import type { Ms } from "../core/model.ts";
import { defineCriterion } from "../core/plugin.ts";
import { amount } from "./amount.ts";
import { decide, unknown } from "./finding.ts";
import { seriesOf } from "./scope.ts";
import { durationOf, type Operator, splitSentence } from "./sentence.ts";
import { type Statistic, samplesFor, statisticIn, statisticName, statisticOf } from "./statistic.ts";

export interface HealthRule {
  readonly statistic: Statistic;
  readonly operator: Operator;
  /** Milliseconds. */
  readonly limit: Ms;
}

export interface GeneratorHealth {
  readonly healthy: boolean;
  /** A sentence for each limit that was passed. */
  readonly reasons: readonly string[];
}

const LATENESS: Ms = 10;
/** Share of the median latency that lateness may reach where that is more. */
const OF_MEDIAN = 0.05;
const LOOP_DELAY: Ms = 20;

/**
 * A generator is healthy while its lateness p99 in measured phases is at most 10 ms or 5 % of the median latency,
 * whichever is more, and its event-loop delay p99 at most 20 ms. Without any call there is nothing to distrust.
 */
export function generatorHealth(result: RunResult): GeneratorHealth {
  const latency = mergeHistograms(seriesOf(result, {}).map((series) => series.latency));
  const late = Math.max(LATENESS, OF_MEDIAN * (latency.percentile(0.5) ?? 0));
  const reasons = [
    excess("calls started late", result.lateness, late),
    excess("the generator's event loop was delayed", result.loopDelay, LOOP_DELAY),
  ].filter((reason) => reason !== null);
  return { healthy: reasons.length === 0, reasons };
}

/** Percent of its time. */
const BUSY = 85;
const WAITING = 10;
const COLLECTING = 10;

/** What would make an unhealthy generator healthy, by what its threads told of themselves. */
export function healthAdvice({ resources, header }: RunResult): string {
  const most = (measured: string) =>
    resources.reduce(
      (top, { name, mean }) => (/^worker\./.test(name) && name.endsWith(measured) ? Math.max(top, mean) : top),
      0,
    );
  const { workers, environment } = header;
  const advice: string[] = [];
  if (most(".waiting") > WAITING)
    advice.push(
      `its threads were ready but had no core for up to ${Math.round(most(".waiting"))} % of the time: free this machine of other work`,
    );
  if (most(".gc") > COLLECTING)
    advice.push(
      `garbage collection took up to ${Math.round(most(".gc"))} % of a thread's time: use fewer checks, or smaller answers`,
    );
  if (most(".cpu") > BUSY)
    advice.push(
      workers < environment.cpus
        ? `a worker used ${Math.round(most(".cpu"))} % of a core: share the load by --workers ${environment.cpus}`
        : `all ${workers} workers were busy: use more machines, fewer checks, or less load`,
    );
  return advice.length > 0 ? advice.join("; ") : "use a faster or a quieter machine, fewer checks, or less load";
}

function excess(what: string, values: Histogram, limit: Ms): string | null {
  const p99 = values.percentile(0.99) ?? 0;
  return p99 <= limit
    ? null
    : `${what}: p99 ${amount(p99, "ms")}, and ${amount(limit, "ms")} is the most that can be trusted`;
}

function parse(text: string): HealthRule | null {
  const sentence = splitSentence(text);
  const [metric, statistic, ...rest] = (sentence?.head ?? text.trim()).split(/\s+/);
  if (!metric!.startsWith("generator.")) return null;
  if (sentence === null || metric !== "generator.lateness" || statistic === undefined || rest.length > 0)
    throw new Error(`expected a sentence such as "generator.lateness p99 < 10ms", found "${text.trim()}"`);
  return { statistic: statisticOf(statistic), operator: sentence.operator, limit: durationOf(sentence.value) };
}

export const health = defineCriterion<HealthRule>({
  kind: "health",
  example: "generator.lateness p99 < 10ms",
  parse,
  judge(spec, result, context) {
    const { statistic, operator, limit } = spec.rule;
    const { lateness } = result;
    const judged = { ...spec, scope: {} };
    const named = (verdict: ReturnType<typeof decide>) => [{ ...verdict, scope: "generator" }];
    if (lateness.count === 0) return named(unknown(judged, "no call was sent in a measured phase"));
    const needed = samplesFor(statistic);
    const observed = statisticIn(statistic, lateness);
    const subject = `lateness ${statisticName(statistic)}`;
    const samples = lateness.count;
    return named(
      decide(judged, context, { subject, observed, operator, limit, unit: "ms", samples, sample: "call", needed }),
    );
  },
});
