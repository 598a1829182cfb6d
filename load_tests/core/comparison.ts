/** What a comparison of runs says: plain data, for reporters and for the comparison itself. */
import type { Ms } from "./model.ts";

export type ChangeVerdict = "regressed" | "improved" | "unchanged" | "inconclusive";

export interface RunReference {
  readonly run_id: string;
  readonly scenario: string;
  readonly started_at: string;
  readonly git_sha: string | null;
  /** The one phase that is compared, of a run whose phases are compared with one another. */
  readonly phase?: string;
}

/** One measure of one endpoint in one phase, before and after. */
export interface Change {
  readonly endpoint: string;
  readonly service: string | null;
  readonly phase: string;
  readonly metric: string;
  readonly unit: string;
  /** The median of the side's runs; null where no run has it. */
  readonly baseline: number | null;
  readonly current: number | null;
  /** current - baseline, in `unit`. */
  readonly difference: number | null;
  /** current / baseline - 1; null where there is nothing to divide by. */
  readonly change: number | null;
  /** Confidence interval of `change`. */
  readonly interval: readonly [number, number] | null;
  readonly verdict: ChangeVerdict;
  /** Runs a side that would decide it; null where that is not known. */
  readonly needs_runs: number | null;
}

/** The `comparison` of the JSON report, and `comparison.json`. */
export interface Comparison {
  readonly baseline: readonly RunReference[];
  readonly current: readonly RunReference[];
  /** False where the runs have nothing in common to compare; `why` says what is missing. */
  readonly comparable: boolean;
  readonly why: string | null;
  /** What differed beside the service: commit, config, machine. */
  readonly differences: readonly string[];
  readonly verdict: ChangeVerdict;
  readonly changes: readonly Change[];
}

/** One point of a run's curve: rates per second, latencies in milliseconds (of the slowest second that it stands for). */
export interface CurvePoint {
  readonly t: number;
  readonly rps: number;
  readonly failures: number;
  readonly p50: Ms | null;
  readonly p95: Ms | null;
}

/** A run as it is drawn over another. */
export interface Drawing {
  readonly run: RunReference;
  readonly side: "baseline" | "current";
  readonly curve: readonly CurvePoint[];
  /** Latencies of the measured phases that a share of the calls, 0 to 1, does not exceed. */
  readonly distribution: readonly (readonly [latency: Ms, share: number])[];
}

export interface ComparedRuns {
  readonly comparison: Comparison;
  readonly drawings: readonly Drawing[];
}

/** A run beside the one that its load is a multiple of (`10x baseline`). */
export interface Beside {
  readonly baseline: RunReference;
  readonly rows: readonly BesideRow[];
}

export interface BesideRow {
  readonly metric: string;
  readonly unit: string;
  readonly baseline: number | null;
  readonly current: number | null;
  /** current / baseline. */
  readonly ratio: number | null;
}
