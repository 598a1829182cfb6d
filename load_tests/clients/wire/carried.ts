/** A call as its connection sees it. */
import type { Call } from "../../core/plugin.ts";
import type { Ending } from "../failure.ts";
import type { AnswerFields } from "./answer_fields.ts";
import type { HttpRequest } from "./request.ts";

/** The head of an answer, to be read at once: what lies behind it is the driver's. */
export interface AnswerHead {
  readonly code: number;
  readonly statusText: string;
  readonly setsCookies: boolean;
  /** A content-encoding is named. */
  readonly isEncoded: boolean;
  /** The headers, to keep. */
  fields(): AnswerFields;
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
  head(head: AnswerHead): void;
  /**
   * A piece of the body, which is the driver's: what is kept must be copied. Gives how the call ends where it ends it
   * before the answer does.
   */
  data(bytes: Buffer, from: number, to: number): Ending | null;
  /** The answer is whole. */
  complete(): void;
  /**
   * Whether a request may go once more that met an idle connection as the server closed it; it is counted then.
   * `isSmall`: it went in one packet, so that none of it was read.
   */
  again(isSmall: boolean): boolean;
  fail(ending: Ending): void;
  /** The engine cut the call: nothing may be said to it any more. */
  cut(): void;
}
