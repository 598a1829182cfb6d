/** `p95 < 2s`, `ttft p99 <= 500ms`, `reused mean > 90%`: percentiles, mean and maximum of times and other values. */
import { type Histogram, mergeHistograms } from "../core/histogram.ts";
import type { RunResult, Series } from "../core/ledger.ts";
import type { CriterionSpec, Ms, OpInfo, Scope, Service } from "../core/model.ts";
import { defineCriterion } from "../core/plugin.ts";
import { formatMs } from "../core/units.ts";
import type { Unit } from "./amount.ts";
import { cutCalls, cutInWords, withCutCalls } from "./cut.ts";
import { decide, slowGenerator, unknown } from "./finding.ts";
import { refuseLater } from "./later.ts";
import { givesMetric, METRIC_NAMES, unitOf, valuesOf } from "./metric.ts";
import { covers, scopeInWords, seriesOf } from "./scope.ts";
import { holds, type Operator, splitSentence, unitMeant, valueIn } from "./sentence.ts";
import { type OwnStatistic, STATISTIC, samplesFor, statisticIn, statisticName, statisticOf } from "./statistic.ts";
import { noneOk } from "./tally.ts";

export interface PercentileRule {
  /** `latency`, `service_time`, or a metric that endpoints give. */
  readonly metric: string;
  readonly statistic: OwnStatistic;
  readonly operator: Operator;
  /** In the metric's unit. */
  readonly limit: number;
  /** Of a metric that code gives: the unit that the sentence speaks of. */
  readonly own?: { readonly unit: Unit | null };
}

const HEAD = /^(?:([a-z]\w*) )?(p\d+(?:\.\d+)?|mean|max|total)$/;
/** Words of other criteria, which have no statistic. */
const COUNTS = [
  "error_rate",
  "errors",
  "requests",
  "checks",
  "throughput",
  "recovery",
  "p95_growth",
  "memory_growth",
  "slo",
];

const unitIn = ({ metric, own }: PercentileRule): Unit | undefined =>
  own === undefined ? unitOf(metric) : (own.unit ?? undefined);

function parse(text: string, open = false): PercentileRule | null {
  const sentence = splitSentence(text);
  const first = /^\s*([\w.]*)/.exec(text)![1]!;
  if (COUNTS.includes(first)) return null;
  if (!open) refuseLater(first);
  const match = HEAD.exec(sentence?.head ?? "");
  if (sentence !== null && match !== null) {
    const [, metric = "latency", statistic] = match;
    const { operator } = sentence;
    const rule = { metric, statistic: statistic === "total" ? ("total" as const) : statisticOf(statistic!), operator };
    if (open && !METRIC_NAMES.includes(metric)) {
      const unit = unitMeant(sentence.value);
      return { ...rule, limit: valueIn(unit, sentence), own: { unit: unit ?? null } };
    }
    if (statistic === "total") throw new Error(`expected "total" of a counter that code gives, found it of ${metric}`);
    return { ...rule, limit: valueIn(unitOf(metric), sentence) };
  }
  const near = METRIC_NAMES.includes(first) ? `${first} p95 < 2s` : STATISTIC.test(first) ? `${first} < 2s` : null;
  if (near !== null) throw new Error(`expected a sentence such as "${near}", found "${text.trim()}"`);
  return null;
}

interface Observed {
  readonly value: number;
  readonly samples: number;
  readonly note?: string;
}

const observe = ({ statistic }: PercentileRule, values: Histogram): Observed | null =>
  values.count === 0 ? null : { value: statisticIn(statistic, values), samples: values.count };

/** What was observed; where calls that were cut unanswered prove a latency to be over its limit, with those. */
function observed(rule: PercentileRule, result: RunResult, series: readonly Series[]): Observed | null {
  const values = mergeHistograms(series.map((each) => valuesOf(rule.metric, each)));
  const plain = observe(rule, values);
  const fails = (each: Observed | null) => each !== null && !holds(each.value, rule.operator, rule.limit);
  const cut = cutCalls(result, series);
  if (fails(plain) || cut.count === 0 || rule.metric !== "latency" || !rule.operator.startsWith("<")) return plain;
  const least = observe(rule, withCutCalls(values, cut));
  return least !== null && fails(least) ? { ...least, note: cutInWords(cut) } : plain;
}

function nothing({ metric }: PercentileRule, scope: Scope, ops: readonly OpInfo[]): string {
  const where = `in ${scopeInWords(scope)}`;
  const given = ops.some((info) => covers(scope, info) && givesMetric(metric, info));
  if (!given) return `no endpoint gives "${metric}" ${where}`;
  return metric === "latency" || metric === "service_time"
    ? `no call ended ${where}`
    : `no call gave "${metric}" ${where}`;
}

/** What code found does not hang on how fast we are; what it timed does. */
const isOfCode = (rule: PercentileRule): boolean =>
  rule.metric === "exceptions" || (rule.own !== undefined && rule.own.unit !== "ms");

const subjectOf = ({ metric, statistic }: PercentileRule): string =>
  metric === "latency" ? statisticName(statistic) : `${metric} ${statisticName(statistic)}`;

/** Protocols keep an endpoint's own limit among its settings. */
interface OwnLimit {
  readonly timeout?: Ms | null;
  readonly deadline?: Ms | null;
}

/** The longest that a call of a service may take. */
function longest({ timeout, endpoints }: Service): Ms {
  const own = endpoints.map(({ settings }) => (settings ?? {}) as OwnLimit);
  return Math.max(timeout, ...own.map((each) => each.timeout ?? each.deadline ?? 0));
}

const BARE = /[<=]\s*(\d+(?:\.\d+)?)\s*$/;

/** A time that is longer than any call may take; a bare number, which is seconds, was then meant as milliseconds. */
function vain({ rule, sentence, scope }: CriterionSpec & { rule: PercentileRule }, services: readonly Service[]) {
  const most = Math.max(...services.filter(({ name }) => (scope.service ?? name) === name).map(longest));
  if (rule.own !== undefined || rule.metric === "exceptions") return null;
  if (unitOf(rule.metric) !== "ms" || !rule.operator.startsWith("<") || !(rule.limit > most)) return null;
  const [, number] = BARE.exec(sentence) ?? [];
  const meant = number === undefined ? "" : `, and a bare number is seconds; did you mean ${number}ms?`;
  return { why: `it can hardly fail, as no call may take longer than ${formatMs(most)}${meant}`, slip: meant !== "" };
}

export const percentile = defineCriterion<PercentileRule>({
  kind: "percentile",
  example: "p95 < 2s",
  parse,
  unfit: ({ metric, own }, { workloads = [] }) =>
    (own === undefined && metric !== "exceptions") || workloads.some(({ kind }) => kind === "code")
      ? null
      : `no code of this scenario gives "${metric}"`,
  vain,
  applies: ({ metric }, info) => givesMetric(metric, info),
  judge(spec, result, context) {
    const { rule } = spec;
    const series = seriesOf(result, spec.scope);
    const found = observed(rule, result, series);
    if (found === null) return [unknown(spec, nothing(rule, spec.scope, result.header.ops))];
    return [
      decide(spec, context, {
        subject: subjectOf(rule),
        observed: found.value,
        operator: rule.operator,
        limit: rule.limit,
        unit: unitIn(rule),
        samples: found.samples,
        sample: rule.own !== undefined ? "value" : rule.metric === "inter_token" ? "gap" : "call",
        needed: samplesFor(rule.statistic),
        certain: noneOk(series),
        excuse: isOfCode(rule) ? undefined : slowGenerator(context),
        note: found.note,
      }),
    ];
  },
});
