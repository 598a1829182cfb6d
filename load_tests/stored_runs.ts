/** The results that lie in a folder of reports, newest first, and reading one of them. */
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { DamagedResult } from "./core/damaged.ts";
import type { Report } from "./core/plugin.ts";
import { readResult } from "./reports/read_result.ts";
import { isStamp } from "./run_folder.ts";

/** Larger than any run's result; a text of this size still fits in memory with all that it becomes. */
const MOST_BYTES = 128 * 1024 * 1024;

/** Reads a result file. Throws a DamagedResult that names it. */
export function readResultFile(path: string): Report {
  try {
    const stat = statSync(path);
    if (!stat.isFile()) throw new DamagedResult("it is not a file");
    if (stat.size > MOST_BYTES) throw new DamagedResult(`it has ${stat.size} bytes, and ${MOST_BYTES} is the most`);
    return readResult(readFileSync(path, "utf8"));
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const why = code === "ENOENT" ? "there is no such file" : message;
    throw new DamagedResult(`${path} is no result of Tenfold: ${why}`);
  }
}

const numeric = new Intl.Collator("en", { numeric: true });

/** The folders of a scenario's runs, the newest first; links are no runs of ours. */
export const runFolders = (outputDir: string, scenario: string): string[] => runFoldersIn(join(outputDir, scenario));

/** The folders of runs in a scenario's folder, the newest first. */
export function runFoldersIn(parent: string): string[] {
  if (!existsSync(parent)) return [];
  const runs = readdirSync(parent, { withFileTypes: true }).filter(
    (entry) => entry.isDirectory() && isStamp(entry.name),
  );
  return runs.map(({ name }) => join(parent, name)).sort((a, b) => numeric.compare(b, a));
}

/** The JSON report in a run's folder; null while there is none. */
export function resultIn(folder: string): string | null {
  const name = readdirSync(folder).find((file) => /^load_report_.*\.json$/.test(file));
  return name === undefined ? null : join(folder, name);
}

/** A result and the file that it was read from. */
export interface StoredResult {
  readonly report: Report;
  readonly path: string;
}

/** The newest completed result of a scenario; null where there is none. Files that cannot be read are passed over. */
export function newestCompleted(outputDir: string, scenario: string): StoredResult | null {
  for (const folder of runFolders(outputDir, scenario)) {
    const path = resultIn(folder);
    const report = path === null ? null : soundOrNull(path);
    if (report?.result.ended === "completed") return { report, path: path! };
  }
  return null;
}

function soundOrNull(path: string): Report | null {
  try {
    return readResultFile(path);
  } catch {
    return null;
  }
}

/** The result that `Nx baseline` speaks of: `name` is a result file, or a scenario with results in `outputDir`. */
export function findBaseline(name: string, outputDir: string): StoredResult | null {
  if (!name.endsWith(".json")) return newestCompleted(outputDir, name);
  const report = soundOrNull(name);
  return report?.result.ended === "completed" ? { report, path: name } : null;
}
