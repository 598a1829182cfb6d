/** What carries the calls of a service: our own HTTP/2 (`fast`), or grpc-js (`reference`). */
import type { MetricInfo, Ms } from "../../core/model.ts";
import type { Call, User } from "../../core/plugin.ts";
import type { Values } from "../../core/template.ts";
import type { CallsInFlight, ChannelState } from "./pool.ts";

/** All that calls of one endpoint share. */
export interface CallPlan {
  readonly path: string;
  /** Whether answers stream. */
  readonly stream: boolean;
  /** A message as JSON. */
  readonly decode: (message: Buffer) => unknown;
  /** Number of the field that carries a stream's content; null: every message is content. */
  readonly contentField: number | null;
  readonly content: string | null;
  /** Milliseconds from the start of one message to that of the next; 0: as fast as they go. */
  readonly interval: number;
  readonly connectTimeout: number;
  /** Bytes. */
  readonly maxMessageSize: number;
  /** Of all calls of the client. */
  readonly inFlight: CallsInFlight;
}

/** What a call is made of. */
export interface Source {
  /** The messages of a call, each as `wrap` makes it: once, where nothing in it changes. */
  messages<T>(wrap: (bytes: Buffer) => T): (values: Values) => readonly T[];
  readonly metadata: Readonly<Record<string, string>>;
  /** Messages as people read them. */
  text(messages: readonly Buffer[]): string;
}

export type Send = (user: User, values: Values, call: Call) => void;

export interface Driver {
  /** What it tells of a call beside its times, by `Call.value`. */
  readonly metrics: readonly MetricInfo[];
  compile(plan: CallPlan, source: Source): Send;
  /** Of each channel that is open. */
  states(): readonly ChannelState[];
  /** Settles when each channel that users share has its first connection, its first failure, or `patience` is over. */
  opened(patience: Ms): Promise<unknown>;
  /** The user's session is over. */
  release(user: User): void;
  close(): void;
}
