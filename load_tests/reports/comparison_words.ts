/** A comparison in words and groups, for all of its reports. */
import type { Change, ChangeVerdict, Comparison, RunReference } from "../core/comparison.ts";
import { ABSENT, plain } from "./figures.ts";

/** What is looked at first. */
export const HEADLINE_METRICS: readonly string[] = ["throughput", "error_rate", "p50", "p95", "p99"];

const signed = (value: number, digits: number): string => `${value > 0 ? "+" : ""}${plain(value, digits)}`;

/** `+12.5 %`; points for a share that began at nothing. */
export function changeText({ change, difference, unit }: Change): string {
  if (change !== null) return `${signed(change * 100, 1)} %`;
  if (difference === null) return ABSENT;
  if (difference === 0) return "0 %";
  return unit === "ratio" ? `${signed(difference * 100, 2)} points` : signed(difference, 2);
}

/** Without those of what neither run has a value of. */
export const known = (changes: readonly Change[]): Change[] =>
  changes.filter(({ baseline, current }) => baseline !== null || current !== null);

/** What the two sides are called: runs, or phases of one run. */
export const sideNames = ({ baseline: [first] }: Comparison): [string, string] =>
  first?.phase === undefined ? ["Baseline", "Current"] : ["Before", "After"];

/** Changes by phase, in their order. */
export function groupsOf(changes: readonly Change[]): [string, Change[]][] {
  const groups = new Map<string, Change[]>();
  for (const change of changes) {
    const group = groups.get(change.phase);
    if (group === undefined) groups.set(change.phase, [change]);
    else group.push(change);
  }
  return [...groups];
}

/** `spike`; `experiment, phase baseline`. */
export const placeOf = ({ scenario, phase }: RunReference): string =>
  phase === undefined ? scenario : `${scenario}, phase ${phase}`;

/** Who is compared with whom. */
function sides({ baseline: [before], current: [after] }: Comparison): [string, string] {
  if (before?.phase === undefined || after?.phase === undefined) return ["the baseline", "The current run"];
  return [`phase ${before.phase}`, `Phase ${after.phase}`];
}

const SENTENCES: Record<ChangeVerdict, (before: string, after: string) => string> = {
  regressed: (before, after) => `${after} is worse than ${before}.`,
  improved: (before, after) => `${after} is better than ${before}.`,
  unchanged: (before, after) => `${after} is as good as ${before}.`,
  inconclusive: () => "What changed is shown; whether it is more than noise is not decided.",
};

/** The comparison in one line. */
export function headline(comparison: Comparison): string {
  const { comparable, why, verdict } = comparison;
  if (!comparable) return `CANNOT BE COMPARED: ${why}`;
  return `${verdict.toUpperCase()}: ${SENTENCES[verdict](...sides(comparison))}`;
}
