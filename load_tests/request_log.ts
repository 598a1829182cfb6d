/** The files of a run's log of requests: where they are, that none is overwritten, and what to tell of them. */
import { existsSync } from "node:fs";
import { type FileHandle, open, writeFile } from "node:fs/promises";
import { join } from "node:path";
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
  /** Resolves when there is room for more. */
  add(calls: LoggedCalls): Promise<void>;
  /** Nothing comes but what waits: what a slow disk has not taken in 5 s is given up. */
  ending(): void;
  /** Writes what is left and the summary. Gives what is to be told: lines that were dropped, and what went wrong. */
  close(): Promise<LogEnd>;
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

/** Begins the log in a folder. What cannot be written is told by `close`. */
export async function startRequestLog(folder: string, header: RunHeader, mask: Mask): Promise<RunLog> {
  const path = join(folder, resultsFile(header.runId));
  let file: FileHandle | null = null;
  let problem: string | null = null;
  let patience: NodeJS.Timeout | undefined;
  try {
    makeFolder(folder);
    file = await open(path, "wx");
  } catch (error) {
    problem = cannotWrite(path, error);
  }
  const write = (text: Uint8Array) => (file === null ? Promise.reject(new Error("no file")) : file.appendFile(text));
  const log = new RequestLog({ header, mask, write, withMetadata: header.reports.formats.includes(METADATA_FORMAT) });
  const finish = async (): Promise<void> => {
    if (log.problem !== null) return;
    if (!log.isWriting) await file?.close(); // it would wait for a write that was given up
    const summary = join(folder, summaryFile(header.runId));
    await writeFile(summary, log.summary(new Date().toISOString()), { flag: "wx" });
  };
  return {
    add: (calls) => log.add(calls),
    ending: () => {
      patience = setTimeout(() => log.abandon(), PATIENCE);
    },
    close: async () => {
      await log.written();
      clearTimeout(patience);
      if (problem === null && log.problem !== null) problem = cannotWrite(path, log.problem);
      await finish().catch((error) => {
        problem ??= cannotWrite(folder, error);
      });
      const metadata = log.metadata();
      const files = metadata === null ? [] : [{ path: METADATA_FILE, content: metadata }];
      return { dropped: log.dropped, problem, files };
    },
  };
}
