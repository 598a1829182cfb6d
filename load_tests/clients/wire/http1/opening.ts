/** Opens the socket of a connection, for the call that needs it. */
import type { Socket } from "node:net";
import type { Ms } from "../../../core/model.ts";
import type { Address } from "../../address.ts";
import { connectFailure, connectTimeout, type Ending } from "../../failure.ts";
import type { Carried } from "../carried.ts";
import { dial, type Sessions } from "../dial.ts";
import type { Hub } from "../lane.ts";

/** Of a whole thread: what was read is taken before the next read. */
const READ_BUFFER = Buffer.allocUnsafeSlow(64 * 1024);

export interface Way {
  readonly address: Address;
  readonly hub: Hub;
  readonly sessions: Sessions | null;
}

/** What is told of an opening, and of the socket that it gave. */
export interface Opened {
  /** Nobody has let go of this socket meanwhile. */
  isWanted(socket: Socket): boolean;
  /** It took so long. */
  ready(socket: Socket, took: Ms): void;
  fail(ending: Ending): void;
  read(bytes: Buffer, length: number): true;
  hangUp(socket: Socket): void;
  lose(socket: Socket, error: Error | null): void;
}

/** Returns at once, with the socket to destroy where nobody waits any longer; `ready` brings the one to use. */
export function open(exchange: Carried, { address, hub, sessions }: Way, told: Opened): Socket {
  const { call } = exchange;
  const began = call.now();
  let isPending = true;
  const waits = () => isPending && told.isWanted(socket);
  let socket = dial(address, hub.roads, {
    sessions,
    reads: {
      onread: { buffer: READ_BUFFER, callback: (length) => told.read(READ_BUFFER, length) },
      allowHalfOpen: true,
    },
    reached: () => {
      if (waits()) exchange.mark("connect");
    },
    ready: (ready) => {
      if (!waits()) return;
      isPending = false;
      // A tunnel's socket is another one, and does not know of `onread`.
      if (ready !== socket) ready.on("data", (bytes: Buffer) => told.read(bytes, bytes.length));
      socket = ready.once("end", () => told.hangUp(ready)).once("close", () => told.lose(ready, null));
      exchange.mark(address.secure ? "tls" : "connect");
      told.ready(ready, call.now() - began);
    },
    fail: (error) => {
      if (waits()) told.fail(connectFailure(error));
      else told.lose(socket, error);
    },
  });
  if (hub.connectTimeout < call.timeout)
    call.at(hub.connectTimeout, () => {
      if (waits()) told.fail(connectTimeout(address.authority, hub.connectTimeout));
    });
  return socket;
}
