/** WebSocket conversations: one reply a frame, in the order of the frames. */
import type { IncomingMessage, Server } from "node:http";
import type { Duplex } from "node:stream";
import { type RawData, type WebSocket, WebSocketServer } from "ws";
import type { Behaviour, Fate } from "./behaviour.ts";

const NORMAL = 1000;
const INTERNAL_ERROR = 1011;
const TRY_AGAIN_LATER = 1013;
const LARGEST_FRAME = 64 * 1024 * 1024;

export interface Reply {
  readonly data: string | Buffer;
  /** The service hangs up after it. */
  readonly last?: boolean;
}

/** Data of a frame: text, or bytes where it was binary. */
export type Frame = string | Buffer;

export interface Conversation {
  /** Whether the path is served. */
  accepts(path: string): boolean;
  reply(frame: Frame, fate: "ok" | "soft-error"): Reply;
  /** A socket was opened. */
  opened?(socket: WebSocket): void;
}

/** Takes the upgrades of an HTTP server; gives how many sockets are open. */
export function converse(server: Server, behaviour: Behaviour, conversation: Conversation): () => number {
  const sockets = new WebSocketServer({ noServer: true, maxPayload: LARGEST_FRAME });
  sockets.on("connection", (socket) => listenTo(socket, behaviour, conversation));
  server.on("upgrade", (request: IncomingMessage, stream: Duplex, head: Buffer) =>
    behaviour.after(0, () => {
      const path = (request.url ?? "/").split("?", 1)[0]!;
      if (conversation.accepts(path))
        sockets.handleUpgrade(request, stream, head, (socket) => sockets.emit("connection", socket));
      else stream.end("HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
    }),
  );
  return () => sockets.clients.size;
}

function listenTo(socket: WebSocket, behaviour: Behaviour, conversation: Conversation): void {
  const waiting = inOrder();
  conversation.opened?.(socket);
  socket.on("error", () => {}); // a close follows
  socket.on("message", (data: RawData, binary) => {
    const frame = binary ? (data as Buffer) : (data as Buffer).toString();
    const { fate, latency } = behaviour.begin();
    if (fate === "hang") return;
    const ready = waiting(() => answer(socket, fate, () => conversation.reply(frame, fate as "ok" | "soft-error")));
    behaviour.after(latency, ready);
  });
}

function answer(socket: WebSocket, fate: Fate, reply: () => Reply): void {
  if (fate === "error") socket.close(INTERNAL_ERROR, "internal error");
  else if (fate === "limited") socket.close(TRY_AGAIN_LATER, "rate limit exceeded");
  else {
    const { data, last } = reply();
    socket.send(data);
    if (last) socket.close(NORMAL);
  }
}

/** Runs things in the order of their announcement, each when it and all before it are ready. */
function inOrder(): (run: () => void) => () => void {
  const queue: { run: () => void; ready: boolean }[] = [];
  return (run) => {
    const entry = { run, ready: false };
    queue.push(entry);
    return () => {
      entry.ready = true;
      while (queue[0]?.ready) queue.shift()!.run();
    };
  };
}
