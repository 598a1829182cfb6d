/** Opens the socket of a connection. */
import type { Socket } from "node:net";
import type { Address } from "../../address.ts";
import { dial, type Roads, type Sessions } from "../dial.ts";

/** Of a whole thread: what was read is taken before the next read. */
const READ_BUFFER = Buffer.allocUnsafeSlow(64 * 1024);

export interface Way {
  readonly address: Address;
  readonly roads: Roads;
  readonly sessions: Sessions | null;
}

/** Who hears of an opening, and then of the socket that it gave. */
export interface Opener {
  /** TCP stands, TLS is still to come. */
  reached(socket: Socket): void;
  /** `socket` may be another one than `first`, which was opened. */
  ready(first: Socket, socket: Socket): void;
  read(bytes: Buffer, length: number): true;
  /** The server says that no more will come. */
  hangUp(socket: Socket): void;
  /** The socket is of no use, open or not yet; without an error: it was closed. */
  lose(socket: Socket, error: Error | null): void;
}

/**
 * Returns at once, with the socket to destroy where nobody waits any longer; `ready` brings the one to use. What it keeps
 * lives as long as the socket: no call is among it.
 */
export function open({ address, roads, sessions }: Way, opener: Opener): Socket {
  const first = dial(address, roads, {
    sessions,
    reads: {
      onread: { buffer: READ_BUFFER, callback: (length) => opener.read(READ_BUFFER, length) },
      allowHalfOpen: true,
    },
    reached: () => opener.reached(first),
    ready: (socket) => {
      current = socket;
      // A tunnel's socket is another one, and does not know of `onread`.
      if (socket !== first) socket.on("data", (bytes: Buffer) => opener.read(bytes, bytes.length));
      socket.once("end", () => opener.hangUp(socket)).once("close", () => opener.lose(socket, null));
      opener.ready(first, socket);
    },
    fail: (error) => opener.lose(current, error),
  });
  let current = first;
  return first;
}
