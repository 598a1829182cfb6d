/** All criteria of a run, judged; and what they come to. */
import type { RunResult, WatchedSecond } from "../core/ledger.ts";
import type { CriterionSpec, NoticeKind, Verdict } from "../core/model.ts";
import type { Criterion, JudgeContext } from "../core/plugin.ts";
import { requestsOf } from "../core/snapshot.ts";
import { amount, count, counted } from "./amount.ts";
import { unknown } from "./finding.ts";
import { generatorHealth } from "./health.ts";
import { expandEach, seriesOf } from "./scope.ts";
import { tally } from "./tally.ts";

export interface Bench {
  readonly plugins: readonly Criterion[];
  readonly baseline: JudgeContext["baseline"];
  /** Seconds followed for a criterion, as `watchesFor` keeps them. */
  watchedBy(spec: CriterionSpec): readonly WatchedSecond[] | null;
}

/** Share of the offered load that the generator may fail to send before a pass is doubted. */
const UNSENT_TOLERATED = 0.001;

/** A verdict for each criterion, and for each endpoint where its scope says `each`. */
export function judgeAll(specs: readonly CriterionSpec[], result: RunResult, bench: Bench): Verdict[] {
  const { healthy } = generatorHealth(result);
  return specs.flatMap((spec) => judge(spec, result, { ...bench, generatorHealthy: healthy, over: true }));
}

/**
 * The first criterion with `abort: true` that the run so far fails for good; null while there is none. `result` is the
 * run so far and its `duration` the time that has passed.
 */
export function abortCause(specs: readonly CriterionSpec[], result: RunResult, bench: Bench): Verdict | null {
  const { healthy } = generatorHealth(result);
  const context = { ...bench, generatorHealthy: healthy, over: false };
  const verdicts = specs.filter(({ abort }) => abort).flatMap((spec) => judge(spec, result, context));
  return verdicts.find(({ status }) => status === "fail") ?? null;
}

type Context = Bench & Pick<JudgeContext, "generatorHealthy" | "over">;

function judge(spec: CriterionSpec, result: RunResult, context: Context): Verdict[] {
  const plugin = context.plugins.find(({ kind }) => kind === spec.kind);
  if (plugin === undefined) return [unknown(spec, `no plug-in judges criteria of the kind "${spec.kind}"`)];
  const specs = expandEach(spec, result.header.ops, plugin);
  if (specs.length === 0) return [unknown(spec, "no endpoint gives what it speaks of")];
  return specs.flatMap((each) => {
    const watched = context.watchedBy(each);
    const verdicts = judgedBy(plugin, each, () =>
      plugin.judge({ ...each, rule: each.rule }, result, { ...context, watched }),
    );
    return verdicts.map((verdict) => doubtUnsent(verdict, each, result));
  });
}

/** A plug-in that breaks takes no other verdict with it. */
function judgedBy({ kind }: Criterion, spec: CriterionSpec, act: () => Verdict[]): Verdict[] {
  try {
    return act();
  } catch (error) {
    return [unknown(spec, `the criterion "${kind}" threw ${error instanceof Error ? error.message : String(error)}`)];
  }
}

/** Load that was not sent by our fault turns a pass into unknown. */
function doubtUnsent(verdict: Verdict, { scope }: CriterionSpec, result: RunResult): Verdict {
  if (verdict.status !== "pass") return verdict;
  const { late, machine, offered } = tally(seriesOf(result, scope));
  if (late + machine <= UNSENT_TOLERATED * offered) return verdict;
  const share = amount((late + machine) / offered, "ratio");
  const causes = `${count(late)} for lateness, ${count(machine)} for want of files or ports`;
  const why = `${verdict.why}, but the generator did not send ${share} of the ${counted(offered, "call")} that fell due (${causes})`;
  return { ...verdict, status: "unknown", why };
}

export interface Overall {
  readonly verdict: "pass" | "fail" | "unknown";
  readonly exitCode: 0 | 97 | 99;
  /** Why it is so where no verdict tells; null where one does. */
  readonly why: string | null;
}

/** A part of the load is missing, or the services were not in the state that the phase is named by. */
const SPOILED: readonly NoticeKind[] = ["worker-lost", "agent-lost", "share-missing", "hook-failed"];

/**
 * Fail beats unknown, unknown beats pass. A run without a call, without a criterion, that lost a part or whose hook failed is unknown; one
 * that a criterion ended has failed, even if the calls that were still open made that criterion good.
 */
export function overall(verdicts: readonly Verdict[], result: RunResult): Overall {
  const sent = result.series.reduce((sum, { counts }) => sum + requestsOf(counts), 0);
  if (sent === 0) return { verdict: "unknown", exitCode: 97, why: "no call was sent" };
  if (verdicts.some(({ status }) => status === "fail")) return { verdict: "fail", exitCode: 99, why: null };
  if (result.ended === "aborted")
    return { verdict: "fail", exitCode: 99, why: "a criterion with `abort: true` failed" };
  if (verdicts.length === 0) return { verdict: "unknown", exitCode: 97, why: "there is no criterion" };
  if (verdicts.some(({ status }) => status === "unknown")) return { verdict: "unknown", exitCode: 97, why: null };
  const spoiled = result.notices.find(({ kind }) => SPOILED.includes(kind));
  if (spoiled !== undefined) return { verdict: "unknown", exitCode: 97, why: spoiled.text };
  if (result.ended === "failed") return { verdict: "unknown", exitCode: 97, why: "the run did not come to its end" };
  return { verdict: "pass", exitCode: 0, why: null };
}
