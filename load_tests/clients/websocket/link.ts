/** One WebSocket below a conversation, whichever driver carries it. */
import type { ConnectionOptions } from "node:tls";
import type { Address } from "../address.ts";
import type { Ending } from "../failure.ts";

/** Milliseconds that the server has to answer a close before the connection is dropped. */
export const CLOSE_TIMEOUT = 1000;
/** Bytes of one message; a larger one makes no sense, and must not fill the memory. */
export const LARGEST_MESSAGE = 64 * 1024 * 1024;

/** How all connections of a client are made. */
export interface Way {
  readonly address: Address;
  readonly tls: ConnectionOptions;
  readonly subprotocols: readonly string[];
}

/** What one of them asks for. */
export interface Asked {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** What a link tells, never before it was given. */
export interface Told {
  /** The opening took so many bytes; messages can be sent now. */
  opened(sent: number): void;
  /** Bytes of the link's: what is kept must be copied. */
  message(bytes: Buffer, from: number, to: number): void;
  pong(): void;
  /** The link is of no use any more, and closes by itself; told once or more. */
  ended(ending: Ending): void;
  /** Its socket is closed. */
  gone(): void;
}

export interface Link {
  /** The handshake of TCP, or of TLS, is done. */
  readonly isConnected: boolean;
  /** Messages can be sent: the opening is over, and neither side closes. */
  readonly isOpen: boolean;
  /** So far. */
  readonly bytesRead: number;
  /** Gives the bytes on the wire. `written` is told once they went out. */
  send(message: { readonly data: Buffer | string; readonly binary: boolean }, written: (() => void) | null): number;
  /** Gives the bytes on the wire. */
  ping(): number;
  /** Closes in good order; the server has a second to agree. */
  close(): void;
  /** Lets go at once. */
  terminate(): void;
  onceGone(fn: () => void): void;
}

/** Begins to open a link. Throws where the URL or a header cannot be written. */
export type OpenLink = (way: Way, asked: Asked, told: Told) => Link;
