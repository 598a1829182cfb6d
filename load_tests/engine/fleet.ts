/** The workers of a run: prepares them, runs them, and ends them. */
import type { Worker } from "node:worker_threads";
import type { Ms, OpInfo } from "../core/model.ts";
import { endThreads } from "./ending.ts";
import { type FleetEnd, type FleetEvents, runWorkers, tell } from "./fleet_run.ts";
import { launchWorker } from "./launch.ts";
import type { FromWorker, Job } from "./port.ts";

export type { FleetEnd, ToldCalls } from "./fleet_run.ts";

export interface Fleet {
  readonly ops: readonly OpInfo[];
  /** Starts all workers; resolves when the last call of the last worker ended. */
  run(events: FleetEvents): Promise<FleetEnd>;
  stop(drain: Ms): void;
  close(): Promise<void>;
}

/** A worker that gives no second for so many is lost: it hangs. */
const SILENT_SECONDS = 10;

/** Prepares workers for shares of `job`. Throws an Error with the reason if one cannot be. */
export async function prepareFleet(job: Job, workers: number): Promise<Fleet> {
  const { index, of } = job.share;
  const threads = Array.from({ length: workers }, () => launchWorker());
  const shares = threads.map((_, w) => ({ index: index + of * w, of: of * workers }));
  try {
    const prepared = await Promise.all(threads.map((thread, w) => prepare(thread, { ...job, share: shares[w]! })));
    const ops = prepared[0]!;
    return {
      ops,
      run: (events) => runWorkers(threads, events, { drain: job.scenario.grace, silence: SILENT_SECONDS, ops }),
      stop: (drain) => {
        for (const thread of threads) tell(thread, { say: "stop", drain });
      },
      close: () => endThreads(threads),
    };
  } catch (error) {
    await endThreads(threads);
    throw error;
  }
}

function prepare(thread: Worker, job: Job): Promise<readonly OpInfo[]> {
  return new Promise((resolve, reject) => {
    const exited = (code: number): void => reject(new Error(`a worker thread ended with ${code} before it was ready`));
    thread.once("error", reject).once("exit", exited);
    thread.once("message", (message: FromWorker) => {
      thread.off("error", reject).off("exit", exited);
      if (message.say === "ready") resolve(message.ops);
      else reject(new Error(message.say === "failed" ? message.why : `unexpected ${message.say} of a worker`));
    });
    tell(thread, { say: "prepare", job });
  });
}
