/** One listener as the main thread has it: a thread with a bounded queue, which nothing waits for but the run's end. */
import { setTimeout as pause } from "node:timers/promises";
import type { Worker } from "node:worker_threads";
import type { Ms } from "./core/model.ts";
import { endThreads } from "./engine/ending.ts";
import type { ToldCalls } from "./engine/fleet.ts";
import { launchThread } from "./engine/launch.ts";
import type { FromListener, Heard, Hearing, ListeningEvents, ToListener } from "./hearing.ts";

/** Bytes that may wait for a listener. */
const MOST_WAITING = 16 * 1024 * 1024;
/** For a sink to open. */
const OPENS_IN: Ms = 10_000;
/** A listener that gives no sign of life for so long while calls wait for it is told. */
const HANGS_AFTER: Ms = 10_000;
/** For what waits at the end: so long without a sign of life, and so long at most. */
interface Patience {
  readonly silent: Ms;
  readonly most: Ms;
}
const WITH_SINKS: Patience = { silent: 3_000, most: 10_000 };
/** The log itself waits 5 s for its disk. */
const WITH_THE_LOG: Patience = { silent: 6_000, most: 60_000 };

const FASTER_SINK =
  "let its `call` come back sooner (gather what it writes, await nothing), or let it hear of fewer calls: `sample: 0.1`";
const FASTER_DISK = "let the reports go to a faster disk (--output-dir)";

export class ListenerThread {
  private readonly name: string;
  private readonly isLog: boolean;
  private readonly thread: Worker;
  private readonly events: ListeningEvents;
  private readonly opened: Promise<void>;
  private readonly closed: Promise<Heard>;
  /** Bytes and calls that it has not told of. */
  private waiting = { bytes: 0, calls: 0 };
  private dropped = 0;
  private lastHeard: Ms = 0;
  private gone = false;
  private hangs = false;
  /** Memory that came back. */
  private readonly spare: ArrayBuffer[] = [];

  constructor(hearing: Hearing, events: ListeningEvents) {
    this.name = hearing.name;
    this.isLog = hearing.sink === null;
    this.events = events;
    this.thread = launchThread("listener", hearing);
    let opened = (): void => {};
    let closed = (_heard: Heard): void => {};
    this.opened = new Promise((resolve) => {
      opened = resolve;
    });
    this.closed = new Promise((resolve) => {
      closed = resolve;
    });
    this.thread.on("message", (message: FromListener) => {
      if (message.say === "ready") opened();
      else if (message.say === "heard") this.hears(message);
      else if (message.say === "notice") events.notice(message.notice);
      else if (message.say === "log") events.log(message.text);
      else {
        this.gone = true;
        closed(message);
      }
    });
    this.thread.on("error", (error) => this.tell(`${this.name} ended: ${error.message}`));
    this.thread.on("exit", (code) => {
      const early = !this.gone;
      this.gone = true;
      opened();
      if (early) closed(this.lost(`it ended by itself (${code})`));
    });
  }

  async ready(): Promise<void> {
    await Promise.race([this.opened, pause(OPENS_IN, undefined, { ref: false })]);
    this.lastHeard = performance.now();
  }

  say(message: ToListener): void {
    if (!this.gone) this.thread.postMessage(message);
  }

  calls({ bytes, ids, count, dropped }: ToldCalls): void {
    const { waiting } = this;
    this.dropped += dropped;
    if (bytes.length === 0) return;
    if (waiting.bytes === 0) this.lastHeard = performance.now();
    else this.watch();
    if (this.gone || waiting.bytes + bytes.length > MOST_WAITING) {
      this.dropped += count;
      return;
    }
    waiting.bytes += bytes.length;
    waiting.calls += count;
    const memory = this.copied(bytes);
    const message = {
      say: "calls",
      memory,
      used: bytes.length,
      ids,
      count,
      dropped: this.dropped,
    } satisfies ToListener;
    this.thread.postMessage(message, [memory]);
    this.dropped = 0;
  }

  async close(): Promise<Heard> {
    this.say({ say: "close", dropped: this.dropped });
    const patience = this.isLog ? WITH_THE_LOG : WITH_SINKS;
    const heard = await this.endWithin(patience);
    this.gone = true;
    await endThreads([this.thread]);
    return heard ?? this.lost(this.unheard(patience));
  }

  private async endWithin({ silent, most }: Patience): Promise<Heard | null> {
    for (const began = performance.now(); performance.now() - began < most; ) {
      const { lastHeard } = this;
      const heard = await Promise.race([this.closed, pause(silent, null, { ref: false })]);
      if (heard !== null || this.lastHeard === lastHeard) return heard;
    }
    return null;
  }

  private hears({ memory, used, count }: Extract<FromListener, { say: "heard" }>): void {
    this.waiting.bytes -= used;
    this.waiting.calls -= count;
    this.spare.push(memory);
    this.lastHeard = performance.now();
  }

  /** In memory that came back, if there is enough: to make some takes longer than to copy. */
  private copied(bytes: Uint8Array): ArrayBuffer {
    const spare = this.spare.pop();
    if (spare === undefined || spare.byteLength < bytes.length) return bytes.slice().buffer as ArrayBuffer;
    new Uint8Array(spare).set(bytes);
    return spare;
  }

  private watch(): void {
    if (this.hangs || this.gone || performance.now() - this.lastHeard < HANGS_AFTER) return;
    this.hangs = true;
    this.tell(
      `${this.name} has not come back for ${HANGS_AFTER / 1000} s: calls that find no room are dropped and counted, and none waits for it; ${this.advice}`,
    );
  }

  private unheard({ silent }: Patience): string {
    const { calls } = this.waiting;
    const last = calls === 0 ? "" : `, and ${calls} calls waited for it`;
    return `it did not come to its end within ${silent / 1000} s${last}; ${this.advice}`;
  }

  private get advice(): string {
    return this.isLog ? FASTER_DISK : FASTER_SINK;
  }

  private lost(why: string): Heard {
    const text = `${this.name} did not hear of all calls: ${why}`;
    if (!this.isLog) this.tell(text);
    return { problem: this.isLog ? text : null, files: [] };
  }

  private tell(text: string): void {
    this.events.notice({ kind: "sink-incomplete", text });
  }
}
