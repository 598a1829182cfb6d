/**
 * Who hears of calls while a run goes on: the log of requests, and users' sinks. Each is a thread of its own with a
 * bounded queue, so that nothing it does keeps a call, a second or the verdict waiting.
 */
import { basename } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { Worker } from "node:worker_threads";
import type { Plan } from "./config/load.ts";
import type { Notice, OpInfo, RunHeader } from "./core/model.ts";
import type { SinkPlan } from "./core/plugins.ts";
import type { ToldCalls } from "./engine/fleet.ts";
import { launchThread } from "./engine/launch.ts";
import type { TapSettings } from "./engine/tap.ts";

/** What a listener's thread begins with. */
export interface Hearing {
  /** As messages call it. */
  readonly name: string;
  /** Null: the log of requests. */
  readonly sink: SinkPlan | null;
  /** Where the log's files go. */
  readonly folder: string;
  readonly header: RunHeader;
  readonly secrets: readonly string[];
  /** Share of the calls told that it is to hear of. */
  readonly share: number;
}

export type ToListener =
  | {
      readonly say: "calls";
      readonly memory: ArrayBuffer;
      readonly ids: ToldCalls["ids"];
      /** Calls before these that are lost to it. */
      readonly dropped: number;
    }
  | { readonly say: "line"; readonly op: OpInfo }
  | { readonly say: "secret"; readonly value: string }
  | { readonly say: "close"; readonly dropped: number };

export type FromListener =
  | { readonly say: "ready" }
  /** So many bytes are through. */
  | { readonly say: "heard"; readonly bytes: number }
  | { readonly say: "notice"; readonly notice: Notice }
  | { readonly say: "log"; readonly text: string }
  | ({ readonly say: "closed" } & Heard);

/** What a listener leaves. */
export interface Heard {
  /** Why something that was asked for is not on the disk. */
  readonly problem: string | null;
  /** Files for the run's folder. */
  readonly files: readonly { readonly path: string; readonly content: string }[];
}

export interface ListeningEvents {
  notice(notice: Notice): void;
  log(text: string): void;
}

export interface Listening {
  calls(told: ToldCalls): void;
  line(op: OpInfo): void;
  secret(value: string): void;
  /** Resolves when all have heard everything, or had their time. */
  close(): Promise<Heard>;
}

/** Bytes that may wait for a listener. */
const MOST_WAITING = 16 * 1024 * 1024;
/** For a sink to open. */
const OPENS_IN = 10_000;
/** For what waits at the end: so long without a sign of life, and so long at most. */
interface Patience {
  readonly silent: number;
  readonly most: number;
}
const WITH_SINKS: Patience = { silent: 3_000, most: 10_000 };
/** The log itself waits 5 s for its disk. */
const WITH_THE_LOG: Patience = { silent: 6_000, most: 60_000 };
/** A sink's `call` that takes longer is told. */
const HANGS_AFTER = 10_000;

/** What the load is to tell of its calls; undefined where nobody listens. */
export function tapFor({ requestLog, plugins: { sinks } }: Plan): TapSettings | undefined {
  if (requestLog !== null) return { share: 1, bodies: true };
  if (sinks.length === 0) return undefined;
  return { share: Math.max(...sinks.map(({ sample }) => sample)), bodies: sinks.some(({ bodies }) => bodies) };
}

/** Starts all listeners of the plan; resolves when each is ready, or had its time. */
export async function startListening(
  plan: Plan,
  { header, folder }: { readonly header: RunHeader; readonly folder: string | null },
  events: ListeningEvents,
): Promise<Listening> {
  const share = tapFor(plan)?.share ?? 1;
  const common = { folder: folder ?? "", header, secrets: plan.secrets };
  const log = plan.requestLog !== null && folder !== null;
  const wanted: Hearing[] = [
    ...(log ? [{ ...common, name: "the log of requests", sink: null, share: 1 }] : []),
    ...plan.plugins.sinks.map((sink) => ({
      ...common,
      name: `the sink ${basename(sink.file)}`,
      sink,
      share: sink.sample / share,
    })),
  ];
  const listeners = wanted.map((hearing) => new Listener(hearing, events));
  await Promise.all(listeners.map((each) => each.ready()));
  return {
    calls: (told) => {
      for (const each of listeners) each.calls(told);
    },
    line: (op) => {
      for (const each of listeners) each.say({ say: "line", op });
    },
    secret: (value) => {
      for (const each of listeners) each.say({ say: "secret", value });
    },
    close: async () => {
      const heard = await Promise.all(listeners.map((each) => each.close()));
      return {
        problem: heard.find(({ problem }) => problem !== null)?.problem ?? null,
        files: heard.flatMap(({ files }) => files),
      };
    },
  };
}

class Listener {
  private readonly name: string;
  private readonly isLog: boolean;
  private readonly thread: Worker;
  private readonly events: ListeningEvents;
  private readonly opened: Promise<unknown>;
  private readonly closed: Promise<Heard>;
  private waiting = 0;
  private dropped = 0;
  private lastHeard = 0;
  private gone = false;
  private late = false;

  constructor(hearing: Hearing, events: ListeningEvents) {
    this.name = hearing.name;
    this.isLog = hearing.sink === null;
    this.events = events;
    this.thread = launchThread("listener", hearing);
    let opened = (): void => {};
    let closed = (_heard: Heard): void => {};
    this.opened = new Promise<void>((resolve) => {
      opened = resolve;
    });
    this.closed = new Promise((resolve) => {
      closed = resolve;
    });
    this.thread.on("message", (message: FromListener) => {
      if (message.say === "ready") opened();
      else if (message.say === "heard") this.hears(message.bytes);
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
    this.dropped += dropped;
    if (bytes.length === 0) return;
    if (this.waiting === 0) this.lastHeard = performance.now();
    else this.watch();
    if (this.gone || this.waiting + bytes.length > MOST_WAITING) {
      this.dropped += count;
      return;
    }
    this.waiting += bytes.length;
    const memory = bytes.slice().buffer as ArrayBuffer;
    this.thread.postMessage({ say: "calls", memory, ids, dropped: this.dropped } satisfies ToListener, [memory]);
    this.dropped = 0;
  }

  async close(): Promise<Heard> {
    this.say({ say: "close", dropped: this.dropped });
    const patience = this.isLog ? WITH_THE_LOG : WITH_SINKS;
    const heard = await this.endWithin(patience);
    this.gone = true;
    void this.thread.terminate();
    return heard ?? this.lost(`it did not come to its end within ${patience.silent / 1000} s`);
  }

  private async endWithin({ silent, most }: Patience): Promise<Heard | null> {
    for (const began = performance.now(); performance.now() - began < most; ) {
      const { lastHeard } = this;
      const heard = await Promise.race([this.closed, pause(silent, null, { ref: false })]);
      if (heard !== null || this.lastHeard === lastHeard) return heard;
    }
    return null;
  }

  private hears(bytes: number): void {
    this.waiting -= bytes;
    this.lastHeard = performance.now();
  }

  private watch(): void {
    if (this.late || this.gone || performance.now() - this.lastHeard < HANGS_AFTER) return;
    this.late = true;
    this.tell(`${this.name} has not come back for ${HANGS_AFTER / 1000} s: what finds no room is dropped and counted`);
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
