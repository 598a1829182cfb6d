/** For tests only: a server that writes frames by hand, and notes those that come. */
import { createServer, type Socket } from "node:net";
import { listening, type TestServer } from "../loopback.ts";
import { FrameReader } from "./frame_reader.ts";
import { FrameType, frame, settingsFrame } from "./frames.ts";
import { encodeFields } from "./hpack_encoder.ts";

const PREFACE = 24;
const MAX_PAYLOAD = 50_000;

export interface Seen {
  readonly type: number;
  readonly flags: number;
  readonly stream: number;
  readonly payload: Buffer;
}

/** The server's side of a connection. */
export interface Peer {
  readonly socket: Socket;
  readonly frames: readonly Seen[];
  send(...frames: Buffer[]): void;
}

/** `meet` is told of each connection, `take` of each frame on it. */
export function frameServer(
  meet: (peer: Peer) => void,
  take: (peer: Peer, seen: Seen) => void = () => {},
): Promise<TestServer> {
  return listening(
    createServer((socket) => {
      const frames: Seen[] = [];
      const peer: Peer = { socket, frames, send: (...bytes) => void socket.write(Buffer.concat(bytes)) };
      const reader = new FrameReader(({ type, flags, stream, bytes, from, to }) => {
        const seen = { type, flags, stream, payload: Buffer.from(bytes.subarray(from, to)) };
        frames.push(seen);
        take(peer, seen);
      }, MAX_PAYLOAD);
      let preface = PREFACE;
      socket.setNoDelay(true).on("error", () => {});
      socket.on("data", (chunk: Buffer) => {
        const rest = chunk.subarray(preface);
        preface = Math.max(0, preface - chunk.length);
        reader.feed(rest, rest.length);
      });
      meet(peer);
    }),
  );
}

export const HELLO = settingsFrame([]);
export const headers = (stream: number, fields: readonly (readonly [string, string])[], flags = 4): Buffer =>
  frame(FrameType.HEADERS, flags, encodeFields(fields), stream);
/** An answer of one word. */
export const answer = (stream: number, text = "hi"): Buffer =>
  Buffer.concat([headers(stream, [[":status", "200"]]), frame(FrameType.DATA, 1, Buffer.from(text), stream)]);

/** The server leaves, and answers what it has seen: up to this stream. */
export const goAwayUpTo = (stream: number, code = 0): Buffer => {
  const payload = Buffer.alloc(8);
  payload.writeUInt32BE(stream);
  payload.writeUInt32BE(code, 4);
  return frame(FrameType.GOAWAY, 0, payload);
};
