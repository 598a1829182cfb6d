/** Workloads as code: what a file named by `file:` exports, and what its functions are given. */
import type { Ms, Outcome, Pause } from "./model.ts";

/** What a call came to. A failed one is an answer too: nothing is thrown for it. */
export interface CallAnswer {
  /** Whether the call, and the checks beside it, went well. */
  readonly ok: boolean;
  /** Of HTTP the code, 0 without an answer. */
  readonly status: number;
  /** As the protocol says it: `200`, `OK`, `UNAVAILABLE`. */
  readonly statusText: string;
  readonly outcome: Outcome;
  /** Why it failed; empty where it did not. */
  readonly error: string;
  /** Milliseconds from the send to the end. */
  readonly duration: Ms;
  header(name: string): string | undefined;
  /** The body; of it 64 KB are kept. */
  text(): string;
  /** The body or the message as JSON; undefined where it is none. */
  // biome-ignore lint/suspicious/noExplicitAny: an answer may be anything, and its reader knows what
  json(): any;
}

export interface CallOptions {
  /** The line of the reports that the call is counted in: give one where paths vary. */
  readonly name?: string;
  /** The service, by its name in the config; the workload's `service` where absent. */
  readonly service?: string;
  /** As in the config: `status == 201`, `$.id exists`. */
  readonly checks?: readonly string[];
  /** `500ms`, or seconds. */
  readonly timeout?: string | number;
}

export interface HttpOptions extends CallOptions {
  readonly headers?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string | number | boolean>>;
  readonly json?: unknown;
  readonly form?: Readonly<Record<string, string | number | boolean>>;
  readonly body?: string;
  /** False: without the service's credentials. */
  readonly requires_auth?: boolean;
}

export interface GrpcOptions extends CallOptions {
  readonly metadata?: Readonly<Record<string, string>>;
  /** Between the messages of a stream. */
  readonly interval?: string | number;
}

export interface SendOptions extends CallOptions {
  /** As in the config: `next`, `none`, `{ count: 3 }`, `{ "$.id": 7 }`. */
  readonly reply?: "next" | "none" | Readonly<Record<string, string | number | boolean>>;
}

export const METRIC_KINDS = ["timing", "gauge", "counter", "rate"] as const;

export interface MetricOptions {
  /** timing: milliseconds. counter: values add up. rate: 1 or true as a share of all. gauge, the default: a value. */
  readonly kind?: (typeof METRIC_KINDS)[number];
  /** Of gauges and counters. */
  readonly unit?: string;
}

/** Draws from the user's own stream: the same in every run with the same seed. */
export interface CodeRandom {
  /** At least 0, less than 1. */
  next(): number;
  /** A whole number, both ends included. */
  int(min: number, max: number): number;
  float(min?: number, max?: number): number;
  pick<T>(list: readonly T[]): T;
  /** As in templates: word, name, email, uuid, hex, string, date, base64, fake. */
  draw(word: string, ...args: readonly unknown[]): unknown;
}

/** One user of a workload, for the length of a task. */
export interface WorkloadUser<Shared = unknown> {
  /** Number of the user in its flow, from 0. */
  readonly index: number;
  readonly id: string;
  /** Of the user, or the number of the arrival; from 0. */
  readonly iteration: number;
  readonly runId: string;
  /** What `setup` returned. */
  readonly shared: Shared;
  /** The user's own, for as long as its session. Where arrivals drive: what `start` left in it. */
  // biome-ignore lint/suspicious/noExplicitAny: a user's own things are of its own types
  readonly vars: Record<string, any>;
  /** Rows of the workload's `data`, by their names. */
  // biome-ignore lint/suspicious/noExplicitAny: columns are the file's
  readonly data: Readonly<Record<string, Readonly<Record<string, any>>>>;
  readonly random: CodeRandom;
  get(path: string, options?: HttpOptions): Promise<CallAnswer>;
  post(path: string, options?: HttpOptions): Promise<CallAnswer>;
  put(path: string, options?: HttpOptions): Promise<CallAnswer>;
  patch(path: string, options?: HttpOptions): Promise<CallAnswer>;
  delete(path: string, options?: HttpOptions): Promise<CallAnswer>;
  head(path: string, options?: HttpOptions): Promise<CallAnswer>;
  /** A gRPC call: `package.Service/Method`; a list of messages is a stream. */
  call(method: string, message?: object | readonly object[], options?: GrpcOptions): Promise<CallAnswer>;
  /** A WebSocket message: text, or JSON. */
  send(message: unknown, options?: SendOptions): Promise<CallAnswer>;
  /** Where it does not hold, the call before it (or `of`) is counted as failed, by `name`. Gives whether it holds. */
  check(holds: unknown, name: string, of?: CallAnswer): boolean;
  /** A value of a metric of this name (lower case, digits, _): a line of the reports, judged as any metric. */
  metric(name: string, value: number | boolean, options?: MetricOptions): void;
  /** Waits: `500ms`, `1s..3s`, seconds, or a distribution as in the config. */
  think(pause: string | number | Readonly<Record<string, unknown>> | Pause): Promise<void>;
  /**
   * Several calls that are one thing to the user, such as a turn of a conversation: the metric `name` is the time of the
   * whole, and each of its calls is a part. Calls stay counted once, as calls.
   */
  group<T>(name: string, act: () => Promise<T>): Promise<T>;
  /** A line on standard error. */
  log(...values: readonly unknown[]): void;
}

/** What `setup` and `teardown` are given. */
export interface WorkloadRun<Shared = unknown> {
  readonly id: string;
  readonly scenario: string;
  readonly seed: number;
  readonly workload: string;
  /** Addresses of the services, by their names. */
  readonly hosts: Readonly<Record<string, string>>;
  /** What `setup` returned; undefined in `setup`. */
  readonly shared: Shared;
  /** Fires where the run is stopped while `setup` works. */
  readonly signal: AbortSignal;
  log(...values: readonly unknown[]): void;
}

export type Act<Shared = unknown> = (user: WorkloadUser<Shared>) => unknown;

export interface CodeTask<Shared = unknown> {
  /** 1 where absent. */
  readonly weight?: number;
  /** By which criteria, reports and `--tags` speak of it and of its calls. */
  readonly tags?: readonly string[];
  readonly run: Act<Shared>;
}

/** The default export of a workload's file. */
export interface CodeWorkload<Shared = unknown> {
  /** Once a run, before anything is sent. What it returns (plain data) is `user.shared` for all users. */
  setup?(run: WorkloadRun<undefined>): Shared | Promise<Shared>;
  /** At the start of each session, and at its end. */
  start?(user: WorkloadUser<Shared>): unknown;
  stop?(user: WorkloadUser<Shared>): unknown;
  /** Once a run, also after Ctrl-C, where `setup` was through. */
  teardown?(run: WorkloadRun<Shared>): unknown;
  /** One of them at a time, by weight. */
  readonly tasks: Readonly<Record<string, CodeTask<Shared> | Act<Shared>>>;
}

/** Types the default export of a workload's file. */
export const defineWorkload = <Shared = undefined>(workload: CodeWorkload<Shared>): CodeWorkload<Shared> => workload;

/** What of a program the config needs to know. */
export interface ProgramOutline {
  readonly tasks: readonly { readonly name: string; readonly weight: number; readonly tags: readonly string[] }[];
}

/** Reads programs while a config is read. Rejects with a sentence that names the file and the line. */
export interface Programs {
  outline(file: string): Promise<ProgramOutline>;
}
