/** `tenfold compare BASELINE... --with CURRENT...`: before and after. */
import type { CompareFlags } from "./arguments.ts";
import { compareRuns } from "./compare/compare.ts";
import type { ComparedRuns } from "./core/comparison.ts";
import { DamagedResult } from "./core/damaged.ts";
import { terminal as inert } from "./core/escape.ts";
import { written } from "./report_command.ts";
import { comparisonFiles } from "./reports/comparison.ts";
import { comparisonLines } from "./reports/comparison_lines.ts";
import { type FoundRun, readRun } from "./result_file.ts";
import { terminalFor } from "./terminal.ts";
import { refuse, type World } from "./world.ts";

const CODES = { regressed: 98, improved: 0, unchanged: 0, inconclusive: 0 } as const;

export async function runCompare(baseline: readonly string[], flags: CompareFlags, world: World): Promise<number> {
  try {
    const before = await readAll(baseline);
    const after = await readAll(flags.with);
    const compared = compareRuns(results(before), results(after));
    return show(compared, flags.outputDir ?? after[0]!.folder, { flags, world });
  } catch (error) {
    if (error instanceof DamagedResult) return refuse(world, inert(error.message));
    throw error;
  }
}

const results = (runs: readonly FoundRun[]) => runs.map(({ report }) => report.result);

/** One after the other: a result may be large. */
async function readAll(paths: readonly string[]): Promise<FoundRun[]> {
  const runs: FoundRun[] = [];
  for (const path of paths) runs.push(await readRun(path));
  return runs;
}

function show(compared: ComparedRuns, folder: string, { flags, world }: { flags: CompareFlags; world: World }): number {
  const terminal = terminalFor(world, flags);
  const failures = written(folder, comparisonFiles(compared));
  for (const failure of failures) terminal.log(inert(failure));
  terminal.print(comparisonLines(compared.comparison, terminal).join("\n"));
  if (failures.length > 0) return 1;
  terminal.print(`\nComparison: ${inert(folder)}`);
  return compared.comparison.comparable ? CODES[compared.comparison.verdict] : 97;
}
