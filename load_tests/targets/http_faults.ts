/** Answers over HTTP that go wrong on command. */
import { type ServerResponse, STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import type { HttpFault } from "../core/standin.ts";

const OK = "HTTP/1.1 200 OK\r\n";
const BODY = '{"ok":true}';
/** Time for the client to read what came before a reset, which else overtakes it. */
const READ_MS = 30;
const TRICKLE_MS = 200;
const HEADER_LINES = 10_000;
const CHUNK = Buffer.alloc(64 * 1024, "x");
const HUGE = 200 * 1024 * 1024;

/** Plays the fault of this name, or answers this status. */
export function misbehave(fault: string, response: ServerResponse): void {
  if (/^\d+$/.test(fault)) answerStatus(Number(fault), response);
  else PLAYS[fault as HttpFault](response.socket!, response);
}

function answerStatus(status: number, response: ServerResponse): void {
  const body = JSON.stringify({ ok: false, error: STATUS_CODES[status] ?? "Unknown" });
  response.writeHead(status, { "content-type": "application/json", "content-length": body.length }).end(body);
}

const resetAfter = (text: string) => (socket: Socket) => {
  socket.write(text, () => setTimeout(() => socket.resetAndDestroy(), READ_MS).unref());
};

const PLAYS: Readonly<Record<HttpFault, (socket: Socket, response: ServerResponse) => void>> = {
  reset: (socket) => socket.resetAndDestroy(),
  reset_in_header: resetAfter(`${OK}content-le`),
  reset_in_body: resetAfter(`${OK}content-length: 100\r\n\r\n${BODY}`),
  close: (socket) => socket.end(),
  garbage: (socket) => socket.end("220 smtp.example.com ESMTP\r\n"),
  wrong_length: (socket) => socket.end(`${OK}content-length: 100\r\n\r\n${BODY}`),
  broken_chunk: (socket) => socket.end(`${OK}transfer-encoding: chunked\r\n\r\nzz\r\n${BODY}\r\n`),
  endless_header: (socket) => {
    socket.write(OK);
    void pour(socket, HEADER_LINES, `x-more: ${"y".repeat(100)}\r\n`);
  },
  huge_body: (_socket, response) => {
    response.writeHead(200, { "content-type": "text/plain", "content-length": HUGE });
    void pour(response, HUGE / CHUNK.length, CHUNK).then(() => response.end());
  },
  slow_body: (_socket, response) => {
    response.writeHead(200, { "content-type": "application/json", "content-length": BODY.length });
    trickle(response, 0);
  },
  redirect_loop: (_socket, response) => {
    response.writeHead(302, { location: response.req.url ?? "/", "content-length": 0 }).end();
  },
};

/** Writes a piece many times, as fast as the other side reads; stops where it hangs up. */
async function pour(to: Socket | ServerResponse, times: number, piece: string | Buffer): Promise<void> {
  for (let i = 0; i < times && !to.destroyed; i++) {
    if (to.write(piece)) continue;
    await new Promise<void>((go) => {
      const on = () => {
        to.off("drain", on).off("close", on);
        go();
      };
      to.once("drain", on).once("close", on);
    });
  }
}

/** A byte at a time. */
function trickle(response: ServerResponse, at: number): void {
  if (response.destroyed) return;
  if (at === BODY.length) return void response.end();
  response.write(BODY[at]!);
  setTimeout(trickle, TRICKLE_MS, response, at + 1).unref();
}
