/** The run that `Nx baseline` speaks of, beside the run that is judged by it. */
import type { Beside, BesideRow } from "../core/comparison.ts";
import type { RunResult } from "../core/ledger.ts";
import { referenceTo } from "./drawing.ts";
import { ALL_ENDPOINTS, ALL_PHASES, measuresOf } from "./measures.ts";

const SHOWN = ["throughput", "error_rate", "mean", "p50", "p95", "p99", "max"];

const overall = (result: RunResult) =>
  measuresOf(result).filter(({ endpoint, phase }) => endpoint === ALL_ENDPOINTS && phase === ALL_PHASES);

/** Calls that were ok in measured phases, per second. */
export const throughputOf = (result: RunResult): number =>
  overall(result).find(({ metric }) => metric === "throughput")?.value ?? 0;

const peakUsers = ({ seconds }: RunResult): number => seconds.reduce((most, { users }) => Math.max(most, users), 0);

function row(metric: string, unit: string, [baseline, current]: readonly (number | undefined)[]): BesideRow {
  const both = baseline !== undefined && current !== undefined && baseline > 0;
  return {
    metric,
    unit,
    baseline: baseline ?? null,
    current: current ?? null,
    ratio: both ? current / baseline : null,
  };
}

/** The two runs side by side: users, throughput, errors and latency of all measured phases. */
export function beside(baseline: RunResult, current: RunResult): Beside {
  const [before, after] = [overall(baseline), overall(current)];
  const rows = SHOWN.map((metric) => {
    const of = [before, after].map((measures) => measures.find((measure) => measure.metric === metric));
    return row(
      metric,
      of[0]?.unit ?? of[1]?.unit ?? "",
      of.map((measure) => measure?.value),
    );
  });
  return {
    baseline: referenceTo(baseline.header),
    rows: [row("users", "", [baseline, current].map(peakUsers)), ...rows],
  };
}
