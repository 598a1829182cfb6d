/** One ended call, whole: what logs of requests and sinks take. */
import type { Ms, Outcome } from "./model.ts";

/** Characters of an answer that are kept. */
export const LOGGED_CHARACTERS = 5000;

export interface LoggedCall {
  /** Position among `RunHeader.ops`. */
  readonly op: number;
  /** Position among the scenario's phases. */
  readonly phase: number;
  /** Number of the user. */
  readonly user: number;
  readonly due: Ms;
  readonly start: Ms;
  readonly end: Ms;
  readonly outcome: Outcome;
  readonly status: string;
  /** What went wrong; empty where nothing did. */
  readonly message: string;
  /** Of the request's content, without headers where the protocol tells them apart. */
  readonly requestBytes: number;
  /** Of the answer's content; 0 without one. */
  readonly responseBytes: number;
  /** Below the service's address, as it was asked for; empty where the protocol has none. */
  readonly path: string;
  /** The first LOGGED_CHARACTERS of the answer; neither masked nor, where it is longer, whole. */
  readonly body: string;
}

/** With the text of the answer, or its bytes. */
export interface TappedCall extends Omit<LoggedCall, "body"> {
  readonly body: string | Uint8Array;
}

/** Calls in the order of their ends. */
export interface LoggedCalls {
  /** Each may be the same object, told anew: what is to outlive its turn is copied. */
  readonly calls: Iterable<LoggedCall>;
  /** Calls before these that found no room and are lost to the log. */
  readonly dropped: number;
}
