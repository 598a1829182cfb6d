/** `recovery < 30s`: the time from the start of the after-phase until the service is back at the level before. */
import { isEndless } from "../core/endless.ts";
import type { RunResult, WatchedSecond } from "../core/ledger.ts";
import type { CriterionSpec, Ms, Phase, Scenario, Verdict } from "../core/model.ts";
import { defineCriterion, type JudgeContext } from "../core/plugin.ts";
import { FIRST_SECONDS } from "../core/thinning.ts";
import { amount, count } from "./amount.ts";
import { insideOf, isExcluded, type Level, levelOf, REQUESTS_A_WINDOW, rateOf, recoveredAt, windowAt } from "./band.ts";
import { decide, slowGenerator, unknown } from "./finding.ts";
import { durationOf, holds, type Operator, onlyOperators, sentenceOf } from "./sentence.ts";

export interface RecoveryRule {
  readonly operator: Operator;
  /** Milliseconds. */
  readonly limit: Ms;
}

type Spec = CriterionSpec & { rule: RecoveryRule };
interface Around {
  readonly before: Phase;
  readonly after: Phase;
}
/** What the seconds after the stress say, beside the level before it. */
interface Aftermath extends Around {
  readonly w: number;
  readonly level: Level;
  readonly inside: readonly boolean[];
  /** Seconds of the after-phase that were run, and calls that ended in them. */
  readonly seconds: number;
  readonly calls: number;
}

/** The shortest after-phase, in seconds, of which windows of 5 s are no more than a quarter. */
const SHORTEST_AFTER = 20;

function parse(text: string): RecoveryRule | null {
  const sentence = sentenceOf(text, /recovery/);
  if (sentence === null) return null;
  if (sentence.head !== "recovery")
    throw new Error(`expected "recovery" alone before ${sentence.operator}, found "${sentence.head}"`);
  onlyOperators(sentence, ["<", "<="]);
  return { operator: sentence.operator, limit: durationOf(sentence.value) };
}

function around({ phases, roles }: Scenario): Around | string {
  const before = phases.find(({ name }) => name === roles?.before);
  const after = phases.find(({ name }) => name === roles?.after);
  if (before === undefined || after === undefined)
    return "recovery needs a phase before the stress and one after it (`roles`)";
  if (after.duration < SHORTEST_AFTER * 1000)
    return `recovery needs ${SHORTEST_AFTER} s or more after the stress, and phase ${after.name} has ${amount(after.duration, "ms")}`;
  return { before, after };
}

/** Whole seconds of a phase, up to `end`; of one without an end, the first that are kept whole. */
const secondsOf = (
  watched: readonly WatchedSecond[],
  { start, duration }: Phase,
  end: Ms,
): (WatchedSecond | undefined)[] => {
  const first = Math.ceil(start / 1000);
  const kept = isEndless(start + duration) ? FIRST_SECONDS : Number.POSITIVE_INFINITY;
  const length = Math.min(kept, Math.max(0, Math.floor(Math.min(start + duration, end) / 1000) - first));
  return Array.from({ length }, (_, i) => watched[first + i]);
};

function tooSlow(perSecond: number, { before, after }: Around): string {
  const longest = Math.floor(after.duration / 4000);
  return `rate too low: ${count(REQUESTS_A_WINDOW)} calls a window are needed, and the ${amount(perSecond, "/s")} of phase ${before.name} give ${count(perSecond * longest)} in ${longest} s, a quarter of phase ${after.name}`;
}

function aftermath(watched: readonly WatchedSecond[], result: RunResult, phases: Around): Aftermath | string {
  const { before, after } = phases;
  const pre = secondsOf(watched, before, result.duration);
  const w = windowAt(rateOf(pre));
  if (w > after.duration / 4000) return tooSlow(rateOf(pre), phases);
  if (pre.length < 2 * w)
    return `phase ${before.name} ran ${pre.length} s, and two windows of ${w} s are needed to know its level`;
  const level = levelOf(pre, w);
  if (level === null) return `no level is known: calls hung in phase ${before.name}`;
  if (level.errorRate > 0.5)
    return `phase ${before.name} is no level to come back to: ${amount(level.errorRate, "ratio")} of its calls failed`;
  const post = secondsOf(watched, after, result.duration);
  const calls = post.reduce((sum, second) => sum + (second?.n ?? 0), 0);
  return { ...phases, w, level, inside: insideOf(post, w, level), seconds: post.length, calls };
}

const bandInWords = ({ level, w, before }: Aftermath): string =>
  `windows of ${w} s, p95 up to ${amount(Math.exp(level.median + level.band), "ms")} as in phase ${before.name}`;

/** No recovery was seen: a fail where none in time is possible any more, else the run was too short to tell. */
function notSeen(spec: Spec, seen: Aftermath, context: JudgeContext): Verdict {
  const { inside, w, seconds, after } = seen;
  const limit = spec.rule.limit / 1000;
  const facts = { limit, unit: "s" };
  const why = `not recovered in the ${seconds} s of phase ${after.name} that ran (${bandInWords(seen)})`;
  for (let t = 0; holds(t, spec.rule.operator, limit); t++) {
    if (isExcluded(inside, w, t)) continue;
    const needed = Math.ceil(limit) + 9 + 2 * w;
    return unknown(spec, `too short to tell: ${why}; ${needed} s are needed to judge ${limit} s`, facts);
  }
  const excuse = slowGenerator(context);
  if (excuse !== null) return unknown(spec, `${why}, but ${excuse}`, facts);
  return { ...unknown(spec, why, facts), status: "fail" };
}

function judgeSeconds(spec: Spec, result: RunResult, context: JudgeContext): Verdict {
  const phases = around(result.header.scenario);
  if (typeof phases === "string") return unknown(spec, phases);
  if (spec.scope.phase !== undefined)
    return unknown(spec, "recovery is judged by the phases of `roles`; leave out `phase`");
  if (context.watched === null) return unknown(spec, "calls were not followed second by second");
  if (result.duration <= phases.after.start) return unknown(spec, `the run ended before phase ${phases.after.name}`);
  const seen = aftermath(context.watched, result, phases);
  if (typeof seen === "string") return unknown(spec, seen);
  const at = recoveredAt(seen.inside, seen.w);
  if (at === undefined) return notSeen(spec, seen, context);
  return decide(spec, context, {
    subject: "recovery",
    observed: at,
    operator: spec.rule.operator,
    limit: spec.rule.limit / 1000,
    unit: "s",
    samples: seen.calls,
    sample: "call",
    needed: 1,
    excuse: slowGenerator(context),
    note: bandInWords(seen),
  });
}

export const recovery = defineCriterion<RecoveryRule>({
  kind: "recovery",
  example: "recovery < 30s",
  parse,
  unfit: (_, scenario) => {
    const phases = around(scenario);
    return typeof phases === "string" ? phases : null;
  },
  watches: true,
  judge: (spec, result, context) => [judgeSeconds(spec, result, context)],
});
