/** One request and its answer on a connection. */
import type { Place } from "../../core/queue.ts";
import type { Fields } from "./fields.ts";
import type { Head } from "./head_writer.ts";

/** Bytes that a server may send on a stream before we say more: of those, nothing is kept waiting. */
export const STREAM_WINDOW = 4 * 1024 * 1024;

/** How a stream ended. */
export type Closing =
  /** The answer is whole, by END_STREAM. */
  | { readonly kind: "ended" }
  /** RST_STREAM, with its error code. */
  | { readonly kind: "reset"; readonly code: number }
  /** The request may go elsewhere: it was never sent, as its turn did not come before the connection took no more. */
  | { readonly kind: "unsent" }
  /** It may go elsewhere: the server says that it has not looked at it (RFC 9113 6.8). */
  | { readonly kind: "unprocessed" }
  /** The server broke a rule of HTTP/2. */
  | { readonly kind: "broken"; readonly message: string }
  /** The connection ended. */
  | { readonly kind: "lost"; readonly error: Error };

/** Who asked. Nothing is told after `closed`, nor after the stream was cancelled. */
export interface StreamListener {
  /** The head of the answer, without interim ones. */
  head(fields: Fields, end: boolean): void;
  /** A part of the request's content has gone out, whole. */
  sent(): void;
  /** Content: the bytes stand only while this is called. */
  data(bytes: Buffer, from: number, to: number): void;
  trailers(fields: Fields): void;
  closed(closing: Closing): void;
}

/** A part of a request's content that waits for a window. */
export interface Unsent {
  readonly bytes: Buffer;
  at: number;
  readonly end: boolean;
}

/** What a connection keeps of it. */
export class Stream {
  /** 0: it waits for its turn. */
  id = 0;
  readonly listener: StreamListener;
  readonly request: Head;
  /** Bytes that the server takes. */
  sendWindow = 0;
  /** Bytes that came since we last widened its window. */
  ungranted = 0;
  /** Null where nothing waits. */
  unsent: Unsent[] | null = null;
  /** We have sent END_STREAM. */
  sentEnd = false;
  answered = false;
  over = false;
  /** Where it waits for its turn. */
  place: Place<Stream> | null = null;
  /** Its neighbour among the open ones. */
  next: Stream | null = null;
  /** Bytes of content that its head promises, -1 without such a word; and those that came. */
  promised = -1;
  came = 0;

  constructor(listener: StreamListener, request: Head) {
    this.listener = listener;
    this.request = request;
  }
}

/** The peer broke a rule that is of one stream: its connection goes on (RFC 9113 5.4.2). */
export class StreamError extends Error {
  readonly stream: Stream;
  readonly code: number;

  constructor(stream: Stream, code: number, message: string) {
    super(message);
    this.stream = stream;
    this.code = code;
  }
}
