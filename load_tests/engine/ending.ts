/** Ends threads, and knows those that cannot be ended: the system holds them, as in a pipe that nobody reads. */
import { setTimeout as pause } from "node:timers/promises";
import type { Worker } from "node:worker_threads";
import type { Ms } from "../core/model.ts";

const PATIENCE: Ms = 2000;
let held = 0;

/** A thread that the system holds back does not hold the run back. */
export async function endThreads(threads: readonly Worker[]): Promise<void> {
  const ended = Promise.all(threads.map((thread) => thread.terminate())).then(() => true);
  if (await Promise.race([ended, pause(PATIENCE, false, { ref: false })])) return;
  held++;
  void ended.then(() => held--);
}

/** Node ends no process before all of its threads have ended. */
export const areHeld = (): boolean => held > 0;
