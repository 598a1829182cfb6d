/** The workers of a run: prepares them, starts them at one instant, and gives their seconds merged and in order. */
import type { Worker } from "node:worker_threads";
import type { Ms, Notice, OpInfo } from "../core/model.ts";
import { decodeSnapshot, mergeSnapshots, type Snapshot } from "../core/snapshot.ts";
import { epochNow } from "./clock.ts";
import { launchWorker } from "./launch.ts";
import type { FromWorker, Job, ToWorker } from "./port.ts";

export interface FleetEvents {
  /** A whole second, of all workers; a second that was given before may come again with calls found unsent. */
  second(snapshot: Snapshot): void;
  notice(notice: Notice): void;
}

export interface FleetEnd {
  /** When the load ended, on the run's clock, without the drain. */
  readonly at: Ms;
  /** Workers that died before their share was done. */
  readonly lost: number;
}

export interface Fleet {
  readonly ops: readonly OpInfo[];
  /** Starts all workers; resolves when the last call of the last worker ended. */
  run(events: FleetEvents): Promise<FleetEnd>;
  stop(drain: Ms): void;
  close(): Promise<void>;
}

/** Time between the order to start and the run's 0, so that every worker has heard it. */
const HEAD_START: Ms = 20;

/** Prepares workers for shares of `job`. Throws an Error with the reason if one cannot be. */
export async function prepareFleet(job: Job, workers: number): Promise<Fleet> {
  const { index, of } = job.share;
  const threads = Array.from({ length: workers }, () => launchWorker());
  const shares = threads.map((_, w) => ({ index: index + of * w, of: of * workers }));
  try {
    const ops = await Promise.all(threads.map((thread, w) => prepare(thread, { ...job, share: shares[w]! })));
    return {
      ops: ops[0]!,
      run: (events) => run(threads, events),
      stop: (drain) => {
        for (const thread of threads) tell(thread, { say: "stop", drain });
      },
      close: async () => {
        await Promise.all(threads.map((thread) => thread.terminate()));
      },
    };
  } catch (error) {
    await Promise.all(threads.map((thread) => thread.terminate()));
    throw error;
  }
}

const tell = (thread: Worker, message: ToWorker): void => thread.postMessage(message);

function prepare(thread: Worker, job: Job): Promise<readonly OpInfo[]> {
  return new Promise((resolve, reject) => {
    thread.once("error", reject);
    thread.once("message", (message: FromWorker) => {
      thread.off("error", reject);
      if (message.say === "ready") resolve(message.ops);
      else reject(new Error(message.say === "failed" ? message.why : `unexpected ${message.say} of a worker`));
    });
    tell(thread, { say: "prepare", job });
  });
}

/** What has come from one worker and waits for the others' part of the same second. */
interface Lane {
  readonly waiting: Snapshot[];
  ended: boolean;
  at: Ms;
}

function run(threads: readonly Worker[], events: FleetEvents): Promise<FleetEnd> {
  const lanes: Lane[] = threads.map(() => ({ waiting: [], ended: false, at: 0 }));
  let lost = 0;
  const giveWhole = (): void => {
    while (lanes.some((lane) => lane.waiting.length > 0)) {
      if (lanes.some((lane) => !lane.ended && lane.waiting.length === 0)) return;
      const from = Math.min(...lanes.flatMap((lane) => lane.waiting.slice(0, 1).map((snapshot) => snapshot.from)));
      const parts = lanes.filter((lane) => lane.waiting[0]?.from === from).map((lane) => lane.waiting.shift()!);
      events.second(mergeSnapshots(parts));
    }
  };
  return new Promise((resolve) => {
    const end = (lane: Lane): void => {
      if (lane.ended) return;
      lane.ended = true;
      giveWhole();
      if (lanes.every((each) => each.ended)) resolve({ at: Math.max(...lanes.map((each) => each.at)), lost });
    };
    const lose = (lane: Lane, why: string): void => {
      if (lane.ended) return;
      lost++;
      events.notice({ kind: "worker-lost", text: `a worker thread died in the middle of the run: ${why}` });
      end(lane);
    };
    threads.forEach((thread, w) => {
      const lane = lanes[w]!;
      thread.on("error", (error) => lose(lane, error.message));
      thread.on("exit", (code) => lose(lane, `exit code ${code}`));
      thread.on("message", (message: FromWorker) => {
        if (message.say === "second") {
          const snapshot = decodeSnapshot(message.second.bytes, message.second.beside);
          if (message.second.late) events.second({ ...snapshot, late: true });
          else lane.waiting.push(snapshot);
          giveWhole();
        } else if (message.say === "notice") events.notice({ kind: message.kind, text: message.text });
        else if (message.say === "ended") {
          lane.at = message.at;
          end(lane);
        }
      });
    });
    const epoch = epochNow() + HEAD_START;
    for (const thread of threads) tell(thread, { say: "start", epoch });
  });
}
