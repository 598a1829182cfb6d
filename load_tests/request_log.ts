/** The files of a run's log of requests: where they are, that none is overwritten, and what to tell of them. */
import { closeSync, existsSync, openSync, writeFileSync, writeSync } from "node:fs";
import { dirname, join } from "node:path";
import { METADATA_FORMAT } from "./config/formats.ts";
import type { Plan } from "./config/load.ts";
import type { LoggedCalls } from "./core/logged_call.ts";
import type { Mask } from "./core/mask.ts";
import type { Ms, RunHeader } from "./core/model.ts";
import { makeFolder } from "./make_folder.ts";
import { cannotWrite } from "./record.ts";
import { METADATA_FILE } from "./sinks/function_metadata.ts";
import { RequestLog, resultsFile, summaryFile } from "./sinks/request_log.ts";

export interface RunLog {
  add(calls: LoggedCalls): void;
  /** Nothing comes but what waits: what a slow disk has not taken in 5 s is given up. */
  ending(): void;
  /** Writes the summary. Gives what is to be told: lines that were dropped, and what went wrong. */
  close(): LogEnd;
}

export interface LogEnd {
  readonly dropped: number;
  readonly problem: string | null;
  /** For the run's folder. */
  readonly files: readonly { readonly path: string; readonly content: string }[];
}

/** Time for the lines that wait at the end. */
const PATIENCE: Ms = 5_000;

/** Why the log that the plan asks for cannot be written; null where it can. */
export function requestLogProblem({ requestLog, scenarios }: Plan): string | null {
  const { dir, runId } = requestLog ?? { dir: null, runId: null };
  if (runId === null) return null;
  if (scenarios.length > 1)
    return `the run id ${runId} names one run: expected one scenario beside it, found ${scenarios.length}`;
  const taken = [resultsFile(runId), summaryFile(runId)]
    .map((name) => join(dir ?? ".", name))
    .find((path) => dir !== null && existsSync(path));
  return taken === undefined ? null : `${taken} is there already and is not overwritten: choose another run id`;
}

/** Begins the log in a folder, in a thread that may wait for the disk. What cannot be written is told by `close`. */
export function startRequestLog(folder: string, header: RunHeader, mask: Mask): RunLog {
  const path = join(folder, resultsFile(header.runId));
  const file = openFile(path);
  const { problem: unopened } = file;
  const withMetadata = header.reports.formats.includes(METADATA_FORMAT);
  const log = new RequestLog({ header, mask, write: file.write, withMetadata });
  let until = Number.POSITIVE_INFINITY;
  const finish = (): string | null => {
    if (log.problem !== null) return unopened ?? cannotWrite(path, log.problem);
    try {
      file.close();
      writeFileSync(join(folder, summaryFile(header.runId)), log.summary(new Date().toISOString()), { flag: "wx" });
      return unopened;
    } catch (error) {
      return unopened ?? cannotWrite(folder, error);
    }
  };
  return {
    add: (calls) => {
      if (performance.now() > until) log.end();
      log.add(calls);
    },
    ending: () => {
      until = performance.now() + PATIENCE;
    },
    close: () => {
      const problem = finish();
      const metadata = log.metadata();
      const files = metadata === null ? [] : [{ path: METADATA_FILE, content: metadata }];
      return { dropped: log.dropped, problem, files };
    },
  };
}

interface LogFile {
  /** Why it could not be opened. */
  readonly problem: string | null;
  write(text: Uint8Array): void;
  close(): void;
}

/** A new file and its folder. */
function openFile(path: string): LogFile {
  try {
    makeFolder(dirname(path));
    const file = openSync(path, "wx");
    const write = (text: Uint8Array): void => {
      for (let at = 0; at < text.length; ) at += writeSync(file, text, at);
    };
    return { problem: null, write, close: () => closeSync(file) };
  } catch (error) {
    const write = (): void => {
      throw error;
    };
    return { problem: cannotWrite(path, error), write, close: () => {} };
  }
}
