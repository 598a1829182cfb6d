/** Whether a change is one, or noise. */
import type { Change } from "../core/comparison.ts";

export type ChangeJudgement = Pick<Change, "verdict" | "interval" | "needs_runs">;

/**
 * Judges one measure by its values in the runs of each side. A difference between runs is no proof without knowing how
 * much runs of the same code differ: nothing is called regressed or improved by its size alone.
 */
export function judgeChange(_baseline: readonly number[], _current: readonly number[]): ChangeJudgement {
  return { verdict: "inconclusive", interval: null, needs_runs: null };
}

const WORST_FIRST = ["regressed", "inconclusive", "improved", "unchanged"] as const;

/** The verdict of all changes together: the worst, and inconclusive where there is none. */
export const overallChange = (changes: readonly Change[]): Change["verdict"] =>
  WORST_FIRST.find((verdict) => changes.some((change) => change.verdict === verdict)) ?? "inconclusive";
