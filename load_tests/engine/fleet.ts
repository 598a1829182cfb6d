/** The workers of a run: prepares them, starts them at one instant, and gives their seconds merged and in order. */
import { setTimeout as pause } from "node:timers/promises";
import type { Worker } from "node:worker_threads";
import type { Ms, Notice, OpInfo } from "../core/model.ts";
import { decodeSnapshot, mergeSnapshots, type Snapshot } from "../core/snapshot.ts";
import type { PhaseStart } from "../core/stages.ts";
import { epochNow } from "./clock.ts";
import { launchWorker } from "./launch.ts";
import { openOpLines, withIds } from "./op_lines.ts";
import type { FromWorker, Job, ToWorker } from "./port.ts";
import type { FlushedSecond } from "./recorder.ts";
import type { TappedCalls } from "./tap.ts";

export interface FleetEvents {
  /** All workers are told to start: the run's clock stands at `now`. */
  begun?(now: Ms): void;
  /** A whole second, of all workers; a second that was given before may come again with calls found unsent. */
  second(snapshot: Snapshot): void;
  notice(notice: Notice): void;
  /** A call as text, where the job says that calls are shown. */
  exchange?(text: string): void;
  /** What is to be done before the phase at this position begins, whose start the plan does not know. */
  between?(index: number): Promise<void>;
  /** Such a phase begins. */
  phase?(start: PhaseStart): void;
  /** Calls whole, as a `Piece` has them, where the job asks for them; the memory goes back when this returns. */
  calls?(calls: ToldCalls): void;
  /** A secret of which these may speak. */
  secret?(value: string): void;
  /** A further op; its place is after those that are known. */
  line(info: OpInfo): void;
  /** A line of a user's code for who looks on. */
  log(text: string): void;
}

/** `ids`: the run's ids of ops, by those in the bytes, where they differ. */
export interface ToldCalls extends Omit<TappedCalls, "memory" | "used"> {
  readonly bytes: Uint8Array;
  readonly ids: ReadonlyMap<number, number>;
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
/** A worker that gives no second for so many is lost: it hangs. */
const SILENT_SECONDS = 10;
/** For threads to end. */
const PATIENCE: Ms = 2000;

/** Prepares workers for shares of `job`. Throws an Error with the reason if one cannot be. */
export async function prepareFleet(job: Job, workers: number): Promise<Fleet> {
  const { index, of } = job.share;
  const threads = Array.from({ length: workers }, () => launchWorker());
  const shares = threads.map((_, w) => ({ index: index + of * w, of: of * workers }));
  try {
    const ops = await Promise.all(threads.map((thread, w) => prepare(thread, { ...job, share: shares[w]! })));
    return {
      ops: ops[0]!,
      run: (events) =>
        runWorkers(threads, events, { drain: job.scenario.grace, silence: SILENT_SECONDS, ops: ops[0]! }),
      stop: (drain) => {
        for (const thread of threads) tell(thread, { say: "stop", drain });
      },
      close: async () => void (await endAll(threads)),
    };
  } catch (error) {
    await endAll(threads);
    throw error;
  }
}

/** A thread that the system holds back does not hold the run back. */
const endAll = (threads: readonly Worker[]): Promise<unknown> =>
  Promise.race([Promise.all(threads.map((thread) => thread.terminate())), pause(PATIENCE, undefined, { ref: false })]);

const tell = (thread: Worker, message: ToWorker): void => thread.postMessage(message);

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

/** What has come from one worker and waits for the others' part of the same second. */
interface Lane {
  readonly waiting: Snapshot[];
  ended: boolean;
  /** The last phase that it is through with; -1 before. */
  through: number;
  /** Ids of the run, by the worker's own, where these may differ. */
  readonly ids: Map<number, number>;
  /** When its load ended; the end of its last whole second before that. */
  at: Ms;
  /** Ticks of the main thread's second since it was last heard of: none while the whole process stands still. */
  silent: number;
}

/** Gives every second that all workers have told, those that ended not counted. */
function giveWhole(lanes: readonly Lane[], give: (snapshot: Snapshot) => void): void {
  while (lanes.some((lane) => lane.waiting.length > 0)) {
    if (lanes.some((lane) => !lane.ended && lane.waiting.length === 0)) return;
    const from = Math.min(...lanes.flatMap((lane) => lane.waiting.slice(0, 1).map((snapshot) => snapshot.from)));
    const parts = lanes.filter((lane) => lane.waiting[0]?.from === from).map((lane) => lane.waiting.shift()!);
    give(mergeSnapshots(parts));
  }
}

/** `drain`: for what is in flight where data end the run. `silence`: seconds after which a worker counts as lost. */
export function runWorkers(
  threads: readonly Worker[],
  events: FleetEvents,
  { drain, silence, ops }: { readonly drain: Ms; readonly silence: number; readonly ops: readonly OpInfo[] },
): Promise<FleetEnd> {
  const lines = openOpLines(ops, events.line);
  const lanes: Lane[] = threads.map(() => ({
    waiting: [],
    ended: false,
    at: 0,
    ids: new Map(),
    through: -1,
    silent: 0,
  }));
  const told = new Set<string>();
  const epoch = epochNow() + HEAD_START;
  let lost = 0;
  let exhausted = false;
  let phase = 0;
  return new Promise((resolve) => {
    /** What several workers say is said once. */
    const notice = ({ kind, text }: Notice): void => {
      if (!told.has(text)) events.notice({ kind, text });
      told.add(text);
    };
    /** Begins the next phase once all that still work are through with this one. */
    const proceed = (): void => {
      const working = lanes.filter((lane) => !lane.ended);
      if (working.length === 0 || working.some(({ through }) => through < phase)) return;
      phase++;
      const through = epochNow() - epoch;
      if (events.between === undefined) begin(phase, through);
      else void events.between(phase).then(() => begin(phase, through));
    };
    const begin = (index: number, through: Ms): void => {
      if (lanes.every((lane) => lane.ended)) return;
      const at = epochNow() - epoch + HEAD_START;
      for (const thread of threads) tell(thread, { say: "phase", index, at });
      events.phase?.({ index, at, through });
    };
    const end = (lane: Lane): void => {
      lane.ended = true;
      proceed();
      giveWhole(lanes, events.second);
      if (!lanes.every((each) => each.ended)) return;
      clearInterval(watch);
      resolve({ at: Math.max(...lanes.map((each) => each.at)), lost });
    };
    const lose = (w: number, why: string): void => {
      const lane = lanes[w]!;
      if (lane.ended) return;
      lost++;
      events.notice({ kind: "worker-lost", text: lossText(w, threads.length, lane.at, why) });
      end(lane);
    };
    const take = (lane: Lane, { bytes, beside, late }: FlushedSecond): void => {
      const snapshot = withIds(decodeSnapshot(bytes, beside), lane.ids);
      if (late) events.second({ ...snapshot, late: true });
      else {
        lane.at = snapshot.to;
        lane.waiting.push(snapshot);
        giveWhole(lanes, events.second);
      }
    };
    const watch = setInterval(() => {
      for (const [w, lane] of lanes.entries()) {
        if (lane.ended || ++lane.silent < silence) continue;
        lose(w, `it gave no sign of life for ${silence} s`);
        void threads[w]!.terminate();
      }
    }, 1000);
    for (const [w, thread] of threads.entries()) {
      const lane = lanes[w]!;
      thread.on("error", (error: unknown) => lose(w, error instanceof Error ? error.message : String(error)));
      thread.on("exit", (code) => lose(w, `it ended with ${code}`));
      thread.on("message", (message: FromWorker) => {
        lane.silent = 0;
        if (message.say === "second") take(lane, message.second);
        else if (message.say === "calls") log(thread, lane, message);
        else if (message.say === "secret") events.secret?.(message.value);
        else if (message.say === "through") {
          lane.through = message.phase;
          proceed();
        } else if (message.say === "exhausted") exhaust(message.feed);
        else if (message.say === "line") lane.ids.set(message.id, lines(message.info));
        else if (message.say === "log") events.log(message.text);
        else if (message.say === "notice") notice(message);
        else if (message.say === "exchange") events.exchange?.(message.text);
        else if (message.say === "ended") {
          lane.at = message.at;
          end(lane);
        }
      });
    }
    const log = (thread: Worker, { ids }: Lane, { memory, used, count, dropped }: TappedCalls): void => {
      events.calls?.({ bytes: new Uint8Array(memory, 0, used), ids, count, dropped });
      thread.postMessage({ say: "room", memory } satisfies ToWorker, [memory]);
    };
    const exhaust = (feed: string): void => {
      if (exhausted) return;
      exhausted = true;
      events.notice({ kind: "cut-at-end", text: `the run ended as the data of \`${feed}\` did: at_end is stop` });
      for (const thread of threads) tell(thread, { say: "stop", drain });
    };
    for (const thread of threads) tell(thread, { say: "start", epoch });
    events.begun?.(-HEAD_START);
  });
}

function lossText(worker: number, of: number, at: Ms, why: string): string {
  const share = of === 1 ? "nothing more was sent" : `its share of the load (1 of ${of}) was not sent from then on`;
  return `worker ${worker + 1} was lost in second ${Math.round(at / 1000) + 1} of the run: ${why}; ${share}`;
}
