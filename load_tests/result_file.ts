/** Reads a run back from whatever it left: a result file, its folder, or the timeline of one that was killed. */
import { existsSync, readFileSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { DamagedResult } from "./core/damaged.ts";
import type { RunHeader } from "./core/model.ts";
import type { Report } from "./core/plugin.ts";
import type { DecodedSnapshot } from "./core/snapshot.ts";
import { criteria } from "./criteria/index.ts";
import { brokenOff, replayTimeline } from "./engine/timeline.ts";
import { type Judgement, startJudgement } from "./judgement.ts";
import { isStamp, LATEST, stampOf } from "./run_folder.ts";
import { readResultFile, resultIn, runFoldersIn } from "./stored_runs.ts";

/** A run read back, and the folder that it lies in. */
export interface FoundRun {
  readonly report: Report;
  readonly folder: string;
}

const TIMELINE = "timeline.jsonl";

/** Reads the run at `path`: a result file, a timeline, a run's folder, or a scenario's folder with its `latest`. Throws a DamagedResult. */
export async function readRun(path: string): Promise<FoundRun> {
  if (!existsSync(path)) throw new DamagedResult(`${path} is not there: expected a result file or the folder of a run`);
  if (statSync(path).isDirectory()) return readFolder(path);
  const folder = dirname(path);
  if (basename(path) === LATEST) return readFolder(folder);
  return { folder, report: path.endsWith(".jsonl") ? await fromTimeline(path) : readResultFile(path) };
}

async function readFolder(folder: string): Promise<FoundRun> {
  const latest = newestIn(folder);
  if (latest !== null) return readFolder(latest);
  const result = resultIn(folder);
  const timeline = join(folder, TIMELINE);
  if (result !== null && !(existsSync(timeline) && isDamaged(result)))
    return { folder, report: readResultFile(result) };
  if (existsSync(timeline)) return { folder, report: await fromTimeline(timeline) };
  throw new DamagedResult(`${folder} is no run of Tenfold: expected a load_report_*.json or a ${TIMELINE} in it`);
}

const holdsRun = (folder: string): boolean => resultIn(folder) !== null || existsSync(join(folder, TIMELINE));

/** The newest run in a scenario's folder: the one that `latest` names, or else, as after `kill -9`, the last that began. */
const newestIn = (folder: string): string | null => namedLatest(folder) ?? runFoldersIn(folder).find(holdsRun) ?? null;

/** The folder that a `latest` names; null where there is no such file. */
function namedLatest(folder: string): string | null {
  const file = join(folder, LATEST);
  if (!existsSync(file) || !statSync(file).isFile() || statSync(file).size > 100) return null;
  const name = readFileSync(file, "utf8").trim();
  return isStamp(name) && existsSync(join(folder, name)) ? join(folder, name) : null;
}

/** A run that was killed while it wrote its reports may have left one that breaks off; its timeline has all of it. */
function isDamaged(path: string): boolean {
  try {
    readResultFile(path);
    return false;
  } catch {
    return true;
  }
}

async function fromTimeline(path: string): Promise<Report> {
  try {
    return await judgedAgain(path);
  } catch (error) {
    if (error instanceof DamagedResult) throw new DamagedResult(`${path} is no timeline of Tenfold: ${error.message}`);
    throw error;
  }
}

async function judgedAgain(path: string): Promise<Report> {
  let judgement: Judgement | null = null;
  const kept = new Keeper();
  const end = await replayTimeline(path, {
    header: (header) => {
      judgement = startJudgement(header.scenario, header.reports, criteria);
      judgement.begin(header);
    },
    second: (snapshot) => {
      judgement!.add(snapshot);
      kept.check(snapshot, judgement!);
    },
    phase: (start) => judgement!.phase(start),
    resources: (t, readings) => judgement!.resources(t, readings),
    notice: (notice) => judgement!.notice(notice),
    line: (op) => judgement!.line(op),
  });
  const { ended, duration, endedAt } = end ?? brokenOff(judgement!.ledger);
  if (end === null) judgement!.closingNotices();
  const report = { ...judgement!.report(ended, duration, endedAt), stamp: stampFor(path, judgement!.ledger.header) };
  return end === null
    ? { ...report, verdict: "unknown", exitCode: 97, why: "the run did not come to its end" }
    : report;
}

/** The folder's name is the stamp; a timeline that was moved has that of its start. */
function stampFor(path: string, { startedAt }: RunHeader): string {
  const folder = basename(dirname(path));
  return isStamp(folder) ? folder : stampOf(new Date(startedAt));
}

const MEGABYTE = 1024 * 1024;
const MOST_KEPT = 384 * MEGABYTE;
const CHECK_EVERY = 64 * MEGABYTE;
const KIND_OF_FAILURE = 4096;

/** Sees that what a timeline unfolds to stays within memory: asked again once it may have grown over the most. */
class Keeper {
  private since = 0;
  private room = MOST_KEPT;

  check({ unfolded, failures }: DecodedSnapshot, { ledger }: Judgement): void {
    this.since += unfolded + failures.length * KIND_OF_FAILURE;
    if (this.since < this.room) return;
    this.since = 0;
    const kept = ledger.memory();
    if (kept > MOST_KEPT) throw new DamagedResult("what it unfolds to does not fit in memory");
    this.room = Math.max(CHECK_EVERY, MOST_KEPT - kept);
  }
}
