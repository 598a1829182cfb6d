/** `reports.keep`: after a run, the older runs of its scenario go. What is not surely a finished run of ours stays. */
import {
  closeSync,
  existsSync,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  readSync,
  rmdirSync,
  unlinkSync,
} from "node:fs";
import { basename, join } from "node:path";
import type { Report } from "./core/plugin.ts";
import { newestCompleted, runFolders } from "./stored_runs.ts";

/** What a run, or a report made again, leaves in its folder; drafts of a process that was killed among them. */
const OURS = [
  /^\.?(timeline\.jsonl|summary\.md|junit\.xml|comparison\.(html|json|txt|md))(\.\d+)?$/,
  /^\.?load_report_\d{8}_\d{6}(_\d+)?(_stats|_stats_history|_failures)?\.(html|json|csv)(\.\d+)?$/,
  /^(results_[0-9a-f]{16}\.jsonl|summary_[0-9a-f]{16}\.json|\.?function_metadata\.json(\.\d+)?)$/,
  /^analysis(\/\.?[a-z0-9_]+\.(txt|csv|png)(\.\d+)?)?$/,
];

const TIMELINE = "timeline.jsonl";
/** A run writes a line each second, and then its reports; one that is silent for so long is no longer running. */
const SILENT_MS = 5 * 60_000;
const MOST_HEADER = 4 * 1024 * 1024;
const MOST_END = 4096;

interface Told {
  readonly runId: string;
  readonly scenario: string;
  /** Its timeline has its end, and its reports are there: the summary is one that no config leaves out. */
  readonly ended: boolean;
  readonly changed: number;
}

function textAt(file: number, from: number, bytes: number): string {
  const buffer = Buffer.alloc(bytes);
  return buffer.toString("utf8", 0, readSync(file, buffer, 0, bytes, from));
}

/** What the first and the last line of a run's timeline tell; null where it is none. */
function toldBy(folder: string): Told | null {
  const path = join(folder, TIMELINE);
  if (!lstatSync(path, { throwIfNoEntry: false })?.isFile()) return null;
  const file = openSync(path, "r");
  try {
    const { size, mtimeMs } = fstatSync(file);
    const { kind, header } = JSON.parse(textAt(file, 0, Math.min(size, MOST_HEADER)).split("\n", 1)[0]!);
    if (kind !== "header" || typeof header?.runId !== "string") return null;
    const last = textAt(file, Math.max(0, size - MOST_END), Math.min(size, MOST_END))
      .trimEnd()
      .split("\n")
      .at(-1)!;
    const ended = last.startsWith('{"kind":"end"') && existsSync(join(folder, "analysis", "summary.txt"));
    return { runId: header.runId, scenario: String(header.scenario?.name), ended, changed: mtimeMs };
  } catch {
    return null;
  } finally {
    closeSync(file);
  }
}

/** Everything below a run's folder, what lies deepest first; null where anything of it is not ours. */
function contents(folder: string): { readonly path: string; readonly directory: boolean }[] | null {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  const found = entries.map((entry) => {
    const path = join(entry.parentPath, entry.name);
    return { path, name: path.slice(folder.length + 1), entry };
  });
  const isOurs = ({ name, entry }: (typeof found)[number]): boolean =>
    (name === "analysis" ? entry.isDirectory() : entry.isFile()) && OURS.some((pattern) => pattern.test(name));
  if (!found.every(isOurs)) return null;
  return found
    .map(({ path, entry }) => ({ path, directory: entry.isDirectory() }))
    .sort(
      (a, b) => Number(a.directory) - Number(b.directory) || Number(isTimeline(a.path)) - Number(isTimeline(b.path)),
    );
}

const isTimeline = (path: string): boolean => basename(path) === TIMELINE;

/** The timeline goes last, so that what is left of a removal that was cut short is still a run, and goes the next time. */
function remove(folder: string): void {
  const all = contents(folder);
  if (all === null) return;
  for (const { path, directory } of all.filter(({ path }) => !isTimeline(path)))
    directory ? rmdirSync(path) : unlinkSync(path);
  unlinkSync(join(folder, TIMELINE));
  rmdirSync(folder);
}

/** The runs that this run was measured against. */
function baselinesOf({ comparison, beside }: Report): string[] {
  const compared = comparison?.comparison.baseline ?? [];
  return [...compared, ...(beside ? [beside.baseline] : [])].map(({ run_id }) => run_id);
}

/**
 * Removes all but the newest `keep` runs of the report's scenario, and gives a sentence for each that could not be. Links,
 * folders with anything in them that is not ours, runs under way, this run, its baselines and the newest completed
 * run, which others may name as theirs, stay.
 */
export function removeOlderRuns(outputDir: string, report: Report, now: number): string[] {
  const { runId, scenario, reports } = report.result.header;
  if (reports.keep === null) return [];
  const mayGo = ({ told }: { told: Told | null }): boolean => told?.scenario === scenario.name;
  const runs = runFolders(outputDir, scenario.name).map((folder) => ({ folder, told: toldBy(folder) }));
  const older = runs.filter(mayGo).slice(reports.keep);
  if (older.length === 0) return [];
  const kept = new Set([runId, ...baselinesOf(report)]);
  kept.add(newestCompleted(outputDir, scenario.name)?.report.result.header.runId ?? runId);
  const isRunning = ({ ended, changed }: Told): boolean => !ended && now - changed < SILENT_MS;
  return older.filter(({ told }) => !kept.has(told!.runId) && !isRunning(told!)).flatMap(({ folder }) => said(folder));
}

function said(folder: string): string[] {
  try {
    remove(folder);
    return [];
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return code === "ENOENT" ? [] : [`an older run could not be removed from ${folder}: ${message}`];
  }
}
