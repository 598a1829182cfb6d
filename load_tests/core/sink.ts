/** Sinks: users' own files that hear of calls while a run goes on, beside the load. */
import type { Ms, Outcome } from "./model.ts";

/** One ended call. Secrets are masked. */
export interface SinkCall {
  readonly service: string;
  /** The line of the reports that it is counted in. */
  readonly name: string;
  /** As in reports: `GET`, `grpc`, `WS`. */
  readonly method: string;
  readonly tags: readonly string[];
  /** What was asked: address and path; the address alone where the protocol has no path. */
  readonly url: string;
  readonly phase: string;
  readonly measured: boolean;
  /** Number of the user, or of the arrival. */
  readonly user: number;
  /** When it was due, in milliseconds since 1970. */
  readonly at: number;
  /** From when it was due to its end. */
  readonly latency: Ms;
  /** From its send to its end. */
  readonly duration: Ms;
  readonly ok: boolean;
  readonly outcome: Outcome;
  readonly status: string;
  /** What went wrong; empty where nothing did. */
  readonly error: string;
  readonly requestBytes: number;
  readonly responseBytes: number;
  /** The beginning of the answer, where the sink asks for `bodies`; else empty. */
  readonly body: string;
}

/** The run that is heard. */
export interface SinkRun {
  readonly id: string;
  readonly scenario: string;
  readonly seed: number;
  /** ISO. */
  readonly startedAt: string;
  /** A line on standard error; the first 1000 of a run. */
  log(...values: readonly unknown[]): void;
}

/**
 * The default export of a sink's file. It runs in a thread of its own: however long it takes, and whatever it throws, no
 * call waits for it. What comes faster than it is taken is dropped and counted.
 */
export interface Sink {
  /** The share of calls that it hears of, drawn at random; 1 where absent. */
  readonly sample?: number;
  /** Whether it wants the answers, of each the first 5,000 characters. */
  readonly bodies?: boolean;
  /** Before the first call. */
  open?(run: SinkRun): unknown;
  /** Each call, in the order of their ends; the next one when what it returns is settled. */
  call(call: SinkCall, run: SinkRun): unknown;
  /** After the last call, also after Ctrl-C; for what still waits and for this there are 3 s, or 10 s while it gets on. */
  close?(run: SinkRun): unknown;
}

/** Types the default export of a sink's file. */
export const defineSink = (sink: Sink): Sink => sink;
