/** Resources beside a run: starts the thread that measures them, and stops it. Whatever befalls it, the run goes on. */
import { setTimeout as pause } from "node:timers/promises";
import type { Worker } from "node:worker_threads";
import type { Notice, Scenario } from "./core/model.ts";
import type { Reading } from "./core/resource.ts";
import { launchThread } from "./engine/launch.ts";
import type { Wanted } from "./resources/sources.ts";

export type ToSampler = { readonly say: "start" } | { readonly say: "stop" };

export type FromSampler =
  | { readonly say: "ready" }
  /** Of the second that ended `t` seconds into the run. */
  | { readonly say: "readings"; readonly t: number; readonly readings: readonly Reading[] }
  | { readonly say: "notice"; readonly text: string };

export interface SamplingEvents {
  readings(t: number, readings: readonly Reading[]): void;
  notice(notice: Notice): void;
}

export interface Sampling {
  /** The run's 0 is now; what was told before is told then. */
  start(events: SamplingEvents): void;
  /** Resolves when all is told and the thread has ended. */
  close(): Promise<void>;
}

/** A source that hangs keeps no run from its beginning or its end. */
const PATIENCE = 3000;

/** The GPUs are asked for where a criterion speaks of them, too. */
function wantedBy({ resources, criteria }: Scenario, standIns: number | null): Wanted {
  const asked = resources?.asked ?? [];
  const gpu = criteria.some(({ sentence }) => /^\s*gpu\./.test(sentence));
  return { asked: gpu ? [...asked, "gpu"] : asked, processes: resources?.processes ?? [], standIns };
}

/** Starts measuring for a scenario; `standIns` is the process of its embedded services. Resolves when all sources are open. */
export async function startSampling(scenario: Scenario, standIns: number | null): Promise<Sampling> {
  const thread = launchThread("sampler", wantedBy(scenario, standIns));
  const early: Notice[] = [];
  let events: SamplingEvents | null = null;
  const notice = (text: string): void => {
    const told = { kind: "source-missing", text } as const;
    if (events === null) early.push(told);
    else events.notice(told);
  };
  const ended = new Promise<void>((resolve) => thread.once("exit", () => resolve()));
  const ready = new Promise<void>((resolve) => {
    thread.on("message", (message: FromSampler) => {
      if (message.say === "notice") notice(message.text);
      else if (message.say === "readings") events?.readings(message.t, message.readings);
      else resolve();
    });
    thread.once("error", (error) => notice(`resources are no longer measured: ${error.message}`));
    void ended.then(resolve);
  });
  await Promise.race([ready, pause(PATIENCE, undefined, { ref: false })]);
  return {
    start: (listener) => {
      events = listener;
      for (const told of early) listener.notice(told);
      tell(thread, { say: "start" });
    },
    close: async () => {
      tell(thread, { say: "stop" });
      await Promise.race([ended, pause(PATIENCE, undefined, { ref: false })]);
      void thread.terminate();
    },
  };
}

const tell = (thread: Worker, message: ToSampler): void => thread.postMessage(message);
