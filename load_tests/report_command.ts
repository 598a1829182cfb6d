/** `tenfold report RESULT`: the reports of a run again, from whatever it left. */
import type { ReportFlags } from "./arguments.ts";
import { codeOf, withComparison } from "./before_after.ts";
import { formatFindings, METADATA_FORMAT } from "./config/formats.ts";
import { DamagedResult } from "./core/damaged.ts";
import { terminal as inert } from "./core/escape.ts";
import type { Report } from "./core/plugin.ts";
import { writeExports } from "./exports.ts";
import { cannotWrite } from "./record.ts";
import { renderReports } from "./rendering.ts";
import { finalTable } from "./reports/console.ts";
import { reporters } from "./reports/index.ts";
import { readRun } from "./result_file.ts";
import { writeReports } from "./run_folder.ts";
import { terminalFor } from "./terminal.ts";
import { refuse, type World } from "./world.ts";

const OF_RUNS = `${METADATA_FORMAT} is made of each answer while a run goes on: ask for it with \`run\``;

export async function runReport(result: string, flags: ReportFlags, world: World): Promise<number> {
  const [wrong] = formatFindings(flags.format);
  if (wrong !== undefined) return refuse(world, wrong.message);
  if (flags.format?.includes(METADATA_FORMAT)) return refuse(world, OF_RUNS);
  try {
    const { report, folder } = await readRun(result);
    const before = flags.compare === undefined ? null : (await readRun(flags.compare)).report;
    return await show(withComparison(report, before), flags.outputDir ?? folder, { flags, world });
  } catch (error) {
    if (error instanceof DamagedResult) return refuse(world, inert(error.message));
    throw error;
  }
}

/** Writes and prints all of a report; the exit code is that of its verdict, and 1 where something could not be written. */
async function show(
  report: Report,
  folder: string,
  { flags, world }: { flags: ReportFlags; world: World },
): Promise<number> {
  const terminal = terminalFor(world, flags);
  const { files, problems } = await renderReports(report, reporters, flags.format);
  const unwritten = written(folder, files);
  const failures = [...problems, ...unwritten];
  failures.push(...(await writeExports(report, flags, { stdout: world.stdout, several: false })));
  for (const failure of failures) terminal.log(inert(failure));
  terminal.print(finalTable(report, terminal).join("\n"));
  if (unwritten.length === 0) terminal.print(`\nReports: ${inert(folder)}`);
  return failures.length > 0 ? 1 : codeOf(report.verdict);
}

/** Why the files could not be written to a folder, if so. */
export function written(folder: string, files: Parameters<typeof writeReports>[1]): string[] {
  try {
    writeReports(folder, files);
    return [];
  } catch (error) {
    return [cannotWrite(folder, error)];
  }
}
