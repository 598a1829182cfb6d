/** The run that `--baseline` names, and what a run that was compared comes to. */
import { compareRuns } from "./compare/compare.ts";
import { comparePhases } from "./compare/phases.ts";
import type { ComparedRuns } from "./core/comparison.ts";
import type { ReportSettings } from "./core/model.ts";
import type { Report } from "./core/plugin.ts";
import { readRun } from "./result_file.ts";
import { newestCompleted } from "./stored_runs.ts";

/** What a run is to be compared with; `said` tells why there is nothing. */
export interface Before {
  readonly report: Report | null;
  readonly said: string | null;
}

/** Finds the run that `--baseline` names for a scenario. Throws a DamagedResult where a path holds none. */
export async function findBefore(wanted: string | undefined, scenario: string, at: ReportSettings): Promise<Before> {
  if (wanted === undefined) return { report: null, said: null };
  if (wanted !== "latest") return { report: (await readRun(wanted)).report, said: null };
  const found = newestCompleted(at.outputDir, scenario);
  const said = `--baseline latest: ${scenario} has no completed result in ${at.outputDir} yet, so there is nothing to compare with`;
  return found === null ? { report: null, said } : { report: found.report, said: null };
}

/**
 * The report with its comparison: with the run before, else of the phases that its scenario compares. Runs that cannot
 * be compared turn a pass into unknown; phases that cannot, and a regression of them, count where the scenario gates.
 */
export function withComparison(report: Report, before: Report | null): Report {
  if (before !== null) return gated(report, compareRuns([before.result], [report.result]));
  const { comparePhases: pair } = report.result.header.scenario;
  const compared = pair === undefined ? null : comparePhases(report.result, pair);
  if (compared === null) return report;
  return pair?.gate ? gated(report, compared) : { ...report, comparison: compared };
}

function gated(report: Report, compared: ComparedRuns): Report {
  const { comparable, why, verdict } = compared.comparison;
  const told = { ...report, comparison: compared };
  if (report.verdict !== "pass") return told;
  if (!comparable) return { ...told, verdict: "unknown", exitCode: 97, why: `the runs cannot be compared: ${why}` };
  return verdict === "regressed" ? { ...told, verdict: "regressed", exitCode: 98 } : told;
}

/** The exit code that a verdict stands for. */
export const codeOf = (verdict: Report["verdict"]): number =>
  ({ pass: 0, fail: 99, unknown: 97, regressed: 98 })[verdict];
