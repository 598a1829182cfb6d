/** `error_rate < 1%`, `errors == 0`, `requests > 1000`, `checks > 99%`: what was counted. */
import { defineCriterion } from "../core/plugin.ts";
import { decide, FEW, type Finding, unknown } from "./finding.ts";
import { scopeInWords, seriesOf } from "./scope.ts";
import { countOf, type Operator, sentenceOf, shareLimit } from "./sentence.ts";
import { type Tally, tally } from "./tally.ts";

export interface ErrorsRule {
  readonly count: "error_rate" | "errors" | "requests" | "checks";
  readonly operator: Operator;
  /** A ratio for error_rate and checks. */
  readonly limit: number;
}

type Seen = Omit<Finding, "operator" | "limit">;

function parse(text: string): ErrorsRule | null {
  const sentence = sentenceOf(text, /error_rate|errors|requests|checks/);
  if (sentence === null) return null;
  const { head, operator, value } = sentence;
  if (head === "error_rate" || head === "checks") return { count: head, operator, limit: shareLimit(sentence) };
  if (head === "errors" || head === "requests") return { count: head, operator, limit: countOf(value) };
  throw new Error(`expected "${head.split(" ")[0]}" alone before ${operator}: it has no statistic, found "${head}"`);
}

/** failures / (requests - aborted): calls that were cut at the end are neither ok nor failures. */
function errorRate({ requests, aborted, failures, ok }: Tally): Seen | string {
  const ended = requests - aborted;
  if (ended === 0) return requests === 0 ? "no call was sent" : `none of ${requests} calls ended by itself`;
  const rate = { subject: "error rate", observed: failures / ended, unit: "ratio" as const };
  return { ...rate, samples: ended, sample: "call", needed: FEW, certain: ok === 0 };
}

function failed({ requests, aborted, failures }: Tally): Seen | string {
  const ended = requests - aborted;
  if (ended === 0) return "no call ended";
  return { subject: "errors", observed: failures, samples: ended, sample: "call", needed: FEW, certain: true };
}

function sent({ requests }: Tally): Seen | string {
  if (requests === 0) return "no call was sent";
  return { subject: "requests", observed: requests, samples: requests, sample: "call", needed: 1, certain: true };
}

function checked({ checksPassed, checksFailed, ok }: Tally): Seen | string {
  const samples = checksPassed + checksFailed;
  if (samples === 0) return "no answer was checked";
  const share = { subject: "checks passed", observed: checksPassed / samples, unit: "ratio" as const };
  return { ...share, samples, sample: "check", needed: FEW, certain: ok === 0 };
}

const SEEN = { error_rate: errorRate, errors: failed, requests: sent, checks: checked };

/** A count that has not grown to its limit yet can still do so. */
const mayGrow = ({ count, operator }: ErrorsRule): boolean =>
  (count === "errors" || count === "requests") && (operator.startsWith(">") || operator === "==");

export const errors = defineCriterion<ErrorsRule>({
  kind: "errors",
  example: "error_rate < 1%",
  parse,
  judge(spec, result, context) {
    const { rule } = spec;
    const seen = SEEN[rule.count](tally(seriesOf(result, spec.scope)));
    if (typeof seen === "string") return [unknown(spec, `${seen} in ${scopeInWords(spec.scope)}`)];
    const below = seen.observed < rule.limit;
    if (!context.over && below && mayGrow(rule)) return [unknown(spec, `${seen.subject} can still grow`)];
    return [decide(spec, context, { ...seen, operator: rule.operator, limit: rule.limit })];
  },
});
