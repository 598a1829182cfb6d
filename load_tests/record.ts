/** What a run leaves on the disk as it goes. A folder that cannot be written never stops the run: it is said, and ends in exit 1. */
import { join } from "node:path";
import type { Notice, OpInfo, RunHeader } from "./core/model.ts";
import type { Report, ReportFile } from "./core/plugin.ts";
import type { Reading } from "./core/resource.ts";
import type { Snapshot } from "./core/snapshot.ts";
import type { PhaseStart } from "./core/stages.ts";
import { openTimeline, type Timeline, type TimelineEnd } from "./engine/timeline.ts";
import { removeOlderRuns } from "./keep.ts";
import { makeRunFolder, nameLatest, type RunFolder, writeReports } from "./run_folder.ts";

export interface RunRecord {
  /** Null where none could be made. */
  readonly folder: RunFolder | null;
  /** The first thing that could not be written, in a sentence. */
  problem(): string | null;
  second(snapshot: Snapshot): void;
  phase(start: PhaseStart): void;
  resources(t: number, readings: readonly Reading[]): void;
  notice(notice: Notice): void;
  line(op: OpInfo): void;
  end(end: TimelineEnd): void;
  /** Writes the reports, names the run as the newest of its scenario, and at last removes older ones beyond `keep`. */
  reports(files: readonly ReportFile[], report: Report): void;
}

const CAUSES: Record<string, string> = {
  ENOSPC: "the disk is full",
  EACCES: "permission is denied",
  EPERM: "permission is denied",
  EROFS: "the file system is read-only",
  ENOENT: "its folder cannot be made",
  ENOTDIR: "a part of the path is a file",
  EEXIST: "a file of that name is in the way",
};

/** Why reports cannot be written to a path, and what to do. */
export function cannotWrite(path: string, error: unknown, advice = "name another folder by --output-dir"): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return `reports cannot be written to ${path}: ${CAUSES[code ?? ""] ?? message}; ${advice}`;
}

/** Makes the run's folder and begins its timeline. `tell` hears of the first problem once. */
export function openRecord(outputDir: string, header: RunHeader, tell: (problem: string) => void): RunRecord {
  const wanted = join(outputDir, header.scenario.name);
  let folder: RunFolder | null = null;
  let timeline: Timeline | null = null;
  let problem: string | null = null;
  const attempt = (write: () => void): void => {
    try {
      write();
    } catch (error) {
      timeline = null;
      if (problem !== null) return;
      problem = cannotWrite(folder?.path ?? wanted, error);
      tell(problem);
    }
  };
  attempt(() => {
    folder = makeRunFolder(outputDir, header.scenario.name, new Date(header.startedAt));
    timeline = openTimeline(join(folder.path, "timeline.jsonl"), header);
  });
  return {
    folder,
    problem: () => problem,
    second: (snapshot) => attempt(() => timeline?.second(snapshot)),
    phase: (start) => attempt(() => timeline?.phase(start)),
    resources: (t, readings) => attempt(() => timeline?.resources(t, readings)),
    notice: (notice) => attempt(() => timeline?.notice(notice)),
    line: (op) => attempt(() => timeline?.line(op)),
    end: (end) => attempt(() => timeline?.end(end)),
    reports: (files, report) =>
      attempt(() => {
        if (folder === null) return;
        writeReports(folder.path, files);
        if (problem !== null) return;
        nameLatest(folder);
        for (const told of removeOlderRuns(outputDir, report, Date.now())) tell(told);
      }),
  };
}
