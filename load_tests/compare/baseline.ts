/** The result that `Nx baseline` speaks of: the newest completed one of a scenario, or a file. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

export interface BaselineResult {
  readonly runId: string;
  readonly path: string;
  /** Calls that were ok in measured phases, per second. */
  readonly throughput: number;
}

/** The keys of a result file that are read here. */
interface ResultFile {
  readonly run_id: string;
  readonly ended: string;
  readonly duration_s: number;
  readonly phases: readonly {
    readonly from_s: number;
    readonly to_s: number;
    readonly measured: boolean;
    readonly endpoints: readonly { readonly requests: number; readonly failures: number; readonly aborted: number }[];
  }[];
}

/** Finds the baseline: `name` is a result file, or a scenario with results in `outputDir`. Null where there is none. */
export function findBaseline(name: string, outputDir: string): BaselineResult | null {
  if (name.endsWith(".json")) return readResult(name);
  const folder = join(outputDir, name);
  if (!existsSync(folder)) return null;
  const runs = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  for (const { name: run } of runs.sort((a, b) => (a.name < b.name ? 1 : -1))) {
    const report = readdirSync(join(folder, run)).find((file) => /^load_report_.*\.json$/.test(file));
    const result = report === undefined ? null : readResult(join(folder, run, report));
    if (result !== null) return result;
  }
  return null;
}

function readResult(path: string): BaselineResult | null {
  try {
    const result = JSON.parse(readFileSync(path, "utf8")) as ResultFile;
    return result.ended === "completed" ? { runId: result.run_id, path, throughput: throughputOf(result) } : null;
  } catch {
    return null;
  }
}

function throughputOf(result: ResultFile): number {
  let ok = 0;
  let seconds = 0;
  for (const phase of result.phases.filter(({ measured }) => measured)) {
    seconds += Math.max(0, Math.min(phase.to_s, result.duration_s) - phase.from_s);
    for (const { requests, failures, aborted } of phase.endpoints) ok += requests - failures - aborted;
  }
  return seconds > 0 ? ok / seconds : 0;
}
