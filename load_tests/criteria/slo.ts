/** `slo(latency < 2s, ttft < 500ms) >= 99%`: the share of calls that meet all limits; failed ones do not. */
import type { Scenario } from "../core/model.ts";
import { defineCriterion } from "../core/plugin.ts";
import type { SloLimit, SloRule } from "../core/slo.ts";
import { decide, FEW, slowGenerator, unknown } from "./finding.ts";
import { givesMetric, unitOf } from "./metric.ts";
import { covers, scopeInWords, seriesOf } from "./scope.ts";
import { type Operator, onlyOperators, sentenceOf, shareLimit, splitSentence, valueIn } from "./sentence.ts";
import { metSlo, noneOk, tally } from "./tally.ts";

export interface SloCriterionRule extends SloRule {
  readonly operator: Operator;
  /** A ratio of calls. */
  readonly share: number;
}

function limitOf(text: string): SloLimit {
  const sentence = splitSentence(text);
  if (sentence === null || !/^[a-z_][\w.]*$/.test(sentence.head))
    throw new Error(`expected a limit such as "latency < 2s" in slo(...), found "${text.trim()}"`);
  onlyOperators(sentence, ["<", ">"]);
  const limit = { metric: sentence.head, limit: valueIn(unitOf(sentence.head), sentence) };
  return sentence.operator === ">" ? { ...limit, over: true } : limit;
}

function parse(text: string): SloCriterionRule | null {
  if (!/^\s*slo(?![\w.])/.test(text)) return null;
  const match = /^\s*slo\s*\(([^()]*)\)\s*(.*)$/s.exec(text);
  if (match === null)
    throw new Error(`expected slo(limit, limit) >= share, such as "${EXAMPLE}", found "${text.trim()}"`);
  const limits = match[1]!.split(",").map(limitOf);
  const sentence = sentenceOf(`slo ${match[2]}`, /slo/)!;
  onlyOperators(sentence, [">=", ">"]);
  return { limits, operator: sentence.operator, share: shareLimit(sentence) };
}

const EXAMPLE = "slo(latency < 2s, ttft < 500ms) >= 99%";

/** Criteria of the same sentence have the same limits, so that either one's count will do. */
const indexOf = ({ criteria }: Scenario, sentence: string): number =>
  criteria.filter(({ kind }) => kind === "slo").findIndex((each) => each.sentence === sentence);

export const slo = defineCriterion<SloCriterionRule>({
  kind: "slo",
  example: EXAMPLE,
  parse,
  applies: ({ limits }, info) => limits.every(({ metric }) => givesMetric(metric, info)),
  judge(spec, result, context) {
    const { rule, scope } = spec;
    const series = seriesOf(result, scope);
    const { requests, aborted } = tally(series);
    const ops = result.header.ops.filter((info) => covers(scope, info));
    const missing = rule.limits.find(({ metric }) => !ops.some((info) => givesMetric(metric, info)));
    if (missing !== undefined)
      return [unknown(spec, `no endpoint gives "${missing.metric}" in ${scopeInWords(scope)}`)];
    const samples = requests - aborted;
    if (samples === 0) return [unknown(spec, `no call ended in ${scopeInWords(scope)}`)];
    return [
      decide(spec, context, {
        subject: "calls that met the objective",
        observed: metSlo(series, indexOf(result.header.scenario, spec.sentence)) / samples,
        operator: rule.operator,
        limit: rule.share,
        unit: "ratio",
        samples,
        sample: "call",
        needed: FEW,
        certain: noneOk(series),
        excuse: slowGenerator(context),
      }),
    ];
  },
});
