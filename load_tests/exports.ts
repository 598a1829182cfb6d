/** Reports at places of the user's choice, beside the run's folder: `--html FILE`, `--json FILE`, `--csv PREFIX`. */
import { realpathSync, statSync } from "node:fs";
import { basename, extname } from "node:path";
import { partsOf, type Report, type ReportFile } from "./core/plugin.ts";
import { cannotWrite } from "./record.ts";
import { reporters } from "./reports/index.ts";
import type { OutputFlags } from "./run_flags.ts";
import { putFile, writeParts } from "./run_folder.ts";
import type { Output } from "./terminal.ts";

export type ExportFlags = Pick<OutputFlags, "html" | "json" | "csv">;

/** What of it cannot be obeyed for so many runs; null if all can. */
export const exportProblem = ({ json }: ExportFlags, runs: number): string | null =>
  json === "-" && runs > 1 ? `--json - writes one run to standard output, and ${runs} scenarios were chosen` : null;

/** `out.html` as `out_spike.html`, where several scenarios would write to the same file. */
function named(path: string, scenario: string | null): string {
  if (scenario === null) return path;
  const ending = extname(basename(path));
  return `${path.slice(0, path.length - ending.length)}_${scenario}${ending}`;
}

async function filesOf(format: string, report: Report): Promise<readonly ReportFile[]> {
  const reporter = reporters.find((each) => each.format === format);
  return reporter === undefined ? [] : await reporter.render(report);
}

/** A pipe or a device is written to and never replaced; so is what a link leads to. */
function putAt(path: string, content: ReportFile["content"]): void {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) putFile(path, content);
  else if (found.isFile() || found.isDirectory()) putFile(realpathSync(path), content);
  else writeParts(path, content);
}

export interface ExportTo {
  readonly stdout: Output;
  /** Whether other scenarios of the same command write too. */
  readonly several: boolean;
}

/** Writes what the flags ask for. Gives a sentence for each file that could not be written. */
export async function writeExports(report: Report, flags: ExportFlags, to: ExportTo): Promise<string[]> {
  const scenario = to.several ? report.result.header.scenario.name : null;
  const problems: string[] = [];
  const put = (path: string, file: ReportFile): void => {
    try {
      if (path === "-") for (const part of partsOf(file)) to.stdout.write(part.toString());
      else putAt(path, file.content);
    } catch (error) {
      problems.push(cannotWrite(path, error, "name another place"));
    }
  };
  for (const format of ["html", "json"] as const) {
    const path = flags[format];
    if (path === undefined) continue;
    for (const file of await filesOf(format, report)) put(path === "-" ? path : named(path, scenario), file);
  }
  if (flags.csv === undefined) return problems;
  const prefix = scenario === null ? flags.csv : `${flags.csv}_${scenario}`;
  for (const file of await filesOf("csv", report))
    put(`${prefix}${/_(stats|stats_history|failures)\.csv$/.exec(file.path)?.[0] ?? ".csv"}`, file);
  return problems;
}
