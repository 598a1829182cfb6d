/** A call as its connection sees it. */
import type { Dispatcher } from "undici";
import type { Call } from "../../core/plugin.ts";
import type { Ending } from "../failure.ts";

/** A request as undici takes it. */
export interface HttpRequest {
  readonly method: Dispatcher.HttpMethod;
  readonly path: string;
  /** Names and values in turn. */
  readonly headers: string[];
  readonly body: Buffer | string | null;
  /** False: the connection is kept whatever the method. */
  readonly reset: false;
}

/** One exchange on its way: a request, and what comes of it. */
export interface Carried {
  readonly call: Call;
  /** The request as it goes. */
  outgoing(): HttpRequest;
  /** Takes a connection and begins. */
  start(): void;
  /** Of a new connection: TCP stands, the TLS handshake is done. */
  mark(step: "connect" | "tls"): void;
  connected(reused: boolean): void;
  head(code: number, headers: readonly Buffer[], statusText: string): void;
  /** Gives how the call ends where these bytes end it before the answer does. */
  data(chunk: Buffer): Ending | null;
  /** The answer is whole. */
  complete(): void;
  fail(ending: Ending): void;
  /** The engine cut the call: nothing may be said to it any more. */
  cut(): void;
}
