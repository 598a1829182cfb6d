/** Workers at their load: hears them, gives their seconds merged and in order, and finds those that are lost. */
import type { Worker } from "node:worker_threads";
import type { Ms, Notice, OpInfo } from "../core/model.ts";
import { decodeSnapshot, type Snapshot } from "../core/snapshot.ts";
import type { PhaseStart } from "../core/stages.ts";
import { epochNow } from "./clock.ts";
import { giveWhole, type Lane, openLane } from "./lanes.ts";
import { openOpLines, withIds } from "./op_lines.ts";
import type { FromWorker, ToWorker } from "./port.ts";
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

export interface FleetRunSetup {
  /** For what is in flight where data end the run. */
  readonly drain: Ms;
  /** Seconds after which a worker that says nothing counts as lost. */
  readonly silence: number;
  /** Those that all workers know by the same ids. */
  readonly ops: readonly OpInfo[];
}

/** Time between the order to start and the run's 0, so that every worker has heard it. */
const HEAD_START: Ms = 20;

export const tell = (thread: Worker, message: ToWorker, transfer: ArrayBuffer[] = []): void =>
  thread.postMessage(message, transfer);

/** Starts all workers; resolves when the last call of the last worker ended. */
export const runWorkers = (threads: readonly Worker[], events: FleetEvents, setup: FleetRunSetup): Promise<FleetEnd> =>
  new Promise((resolve) => new FleetRun(threads, { ...setup, events, resolve }).begin());

class FleetRun {
  private readonly threads: readonly Worker[];
  private readonly lanes: readonly Lane[];
  private readonly events: FleetEvents;
  private readonly setup: FleetRunSetup & { resolve(end: FleetEnd): void };
  private readonly lineOf: (info: OpInfo) => number;
  private readonly noticed = new Set<string>();
  private readonly watch: NodeJS.Timeout;
  private epoch = 0;
  private lost = 0;
  private exhausted = false;
  /** Position of the phase under way, where phases follow each other as each is through. */
  private phase = 0;

  constructor(
    threads: readonly Worker[],
    { events, ...setup }: FleetRunSetup & { events: FleetEvents; resolve(end: FleetEnd): void },
  ) {
    this.threads = threads;
    this.lanes = threads.map(openLane);
    this.events = events;
    this.setup = setup;
    this.lineOf = openOpLines(setup.ops, events.line);
    this.watch = setInterval(() => this.findSilent(), 1000);
    for (const [w, thread] of threads.entries()) {
      thread.on("error", (error: unknown) => this.lose(w, error instanceof Error ? error.message : String(error)));
      thread.on("exit", (code) => this.lose(w, `it ended with ${code}`));
      thread.on("message", (message: FromWorker) => this.hear(w, message));
    }
  }

  begin(): void {
    this.epoch = epochNow() + HEAD_START;
    this.tellAll({ say: "start", epoch: this.epoch });
    this.events.begun?.(-HEAD_START);
  }

  private tellAll(message: ToWorker): void {
    for (const thread of this.threads) tell(thread, message);
  }

  private hear(w: number, message: FromWorker): void {
    const lane = this.lanes[w]!;
    const { events } = this;
    lane.silent = 0;
    if (message.say === "second") this.take(lane, message.second);
    else if (message.say === "calls") this.passOn(w, message);
    else if (message.say === "secret") events.secret?.(message.value);
    else if (message.say === "through") this.throughWith(lane, message.phase);
    else if (message.say === "exhausted") this.exhaust(message.feed);
    else if (message.say === "line") lane.ids.set(message.id, this.lineOf(message.info));
    else if (message.say === "log") events.log(message.text);
    else if (message.say === "notice") this.notice(message);
    else if (message.say === "exchange") events.exchange?.(message.text);
    else if (message.say === "ended") {
      lane.at = message.at;
      this.end(lane);
    }
  }

  private take(lane: Lane, { bytes, beside, late }: FlushedSecond): void {
    const snapshot = withIds(decodeSnapshot(bytes, beside), lane.ids);
    if (late) {
      this.events.second({ ...snapshot, late: true });
      return;
    }
    lane.at = snapshot.to;
    lane.waiting.push(snapshot);
    giveWhole(this.lanes, this.events.second);
  }

  private passOn(w: number, { memory, used, count, dropped }: TappedCalls): void {
    this.events.calls?.({ bytes: new Uint8Array(memory, 0, used), ids: this.lanes[w]!.ids, count, dropped });
    tell(this.threads[w]!, { say: "room", memory }, [memory]);
  }

  /** What several workers say is said once. */
  private notice({ kind, text }: Notice): void {
    if (!this.noticed.has(text)) this.events.notice({ kind, text });
    this.noticed.add(text);
  }

  private throughWith(lane: Lane, phase: number): void {
    lane.through = phase;
    this.proceed();
  }

  /** Begins the next phase once all that still work are through with this one. */
  private proceed(): void {
    const working = this.lanes.filter(({ ended }) => !ended);
    if (working.length === 0 || working.some(({ through }) => through < this.phase)) return;
    this.phase++;
    const start = { index: this.phase, through: epochNow() - this.epoch };
    if (this.events.between === undefined) this.beginPhase(start);
    else void this.events.between(this.phase).then(() => this.beginPhase(start));
  }

  private beginPhase({ index, through }: Omit<PhaseStart, "at">): void {
    if (this.lanes.every(({ ended }) => ended)) return;
    const at = epochNow() - this.epoch + HEAD_START;
    this.tellAll({ say: "phase", index, at });
    this.events.phase?.({ index, at, through });
  }

  private exhaust(feed: string): void {
    if (this.exhausted) return;
    this.exhausted = true;
    const text = `the run ended as the data of \`${feed}\` did: at_end is stop`;
    this.events.notice({ kind: "cut-at-end", text });
    this.tellAll({ say: "stop", drain: this.setup.drain });
  }

  private findSilent(): void {
    const { silence } = this.setup;
    for (const [w, lane] of this.lanes.entries()) {
      if (lane.ended || ++lane.silent < silence) continue;
      this.lose(w, `it gave no sign of life for ${silence} s`);
      void this.threads[w]!.terminate();
    }
  }

  private lose(w: number, why: string): void {
    const lane = this.lanes[w]!;
    if (lane.ended) return;
    this.lost++;
    this.events.notice({ kind: "worker-lost", text: lossText(w, this.threads.length, lane.at, why) });
    this.end(lane);
  }

  private end(lane: Lane): void {
    lane.ended = true;
    this.proceed();
    giveWhole(this.lanes, this.events.second);
    if (!this.lanes.every(({ ended }) => ended)) return;
    clearInterval(this.watch);
    this.setup.resolve({ at: Math.max(...this.lanes.map(({ at }) => at)), lost: this.lost });
  }
}

function lossText(worker: number, of: number, at: Ms, why: string): string {
  const share = of === 1 ? "nothing more was sent" : `its share of the load (1 of ${of}) was not sent from then on`;
  return `worker ${worker + 1} was lost in second ${Math.round(at / 1000) + 1} of the run: ${why}; ${share}`;
}
