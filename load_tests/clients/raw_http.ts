/** For tests only: HTTP/1.1 by hand, as servers write it that misbehave. */
import { createServer, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import type { Certificate } from "./certificates.ts";
import type { Fault, Misbehaviour } from "./faults.ts";
import { listening, type TestServer } from "./loopback.ts";

/** A server that writes raw bytes, over TLS where it has a certificate: `respond` is called once a request's head has come. */
export function rawServer(
  respond: (socket: Socket, request: string) => void,
  onClose: () => void = () => {},
  certificate?: Certificate["pem"],
): Promise<TestServer> {
  const serve = (socket: Socket) => {
    socket.on("error", () => {}).on("close", onClose);
    socket.on("end", () => socket.end());
    let seen = "";
    socket.setNoDelay(true).on("data", (chunk) => {
      seen += chunk.toString("latin1");
      if (!seen.includes("\r\n\r\n")) return;
      const request = seen;
      seen = "";
      respond(socket, request);
    });
  };
  const plain = { allowHalfOpen: true };
  return listening(
    certificate === undefined ? createServer(plain, serve) : createTlsServer({ ...certificate, ...plain }, serve),
  );
}

const OK = "HTTP/1.1 200 OK\r\n";
const HALF = `${OK}content-length: 100\r\n\r\nhalf`;
const PIECE = "x".repeat(64 * 1024);
const PIECES = 800;

const misbehave = (respond: (socket: Socket) => void, status: Misbehaviour["status"]): Misbehaviour => ({
  serve: () => rawServer(respond),
  status,
});
const says = (text: string) => (socket: Socket) => void socket.write(text);
const hangsUp = (text: string) => (socket: Socket) => void socket.end(text, () => socket.destroy());
/** A reset on the heels of data may read as a plain end. */
const resets = (text: string) => (socket: Socket) => void socket.write(text, () => socket.resetAndDestroy());

/** Writes no faster than it is read. */
export function flood(socket: Socket, pieces: number, piece: string): void {
  let left = pieces;
  const more = (): void => {
    while (left > 0) {
      left--;
      if (!socket.write(piece)) return void socket.once("drain", more);
    }
  };
  more();
}

function neverEnds(socket: Socket): void {
  const timer = setInterval(() => socket.write(`x-more: ${"x".repeat(4000)}\r\n`), 1);
  socket.write(OK);
  socket.on("close", () => clearInterval(timer));
}

const CUT = /^(CLOSED|ECONNRESET)$/;

/** How servers of HTTP/1.1 do what has nothing to do with their content. */
export const HTTP_FAULTS: Readonly<Record<Exclude<Fault, "oversize" | "for_no_one">, Misbehaviour | null>> = {
  reset_before: misbehave((socket) => void socket.resetAndDestroy(), "ECONNRESET"),
  reset_in_header: misbehave(resets(`${OK}content-le`), CUT),
  reset_in_content: misbehave(resets(HALF), CUT),
  closed_before: misbehave(hangsUp(""), CUT),
  closed_in_content: misbehave(hangsUp(HALF), CUT),
  half_closed: misbehave((socket) => void socket.end(HALF), CUT),
  goodbye: misbehave(hangsUp(`${OK}connection: close\r\ncontent-length: 100\r\n\r\nhalf`), CUT),
  expulsion: null,
  stream_reset: null,
  garbage: misbehave(says("220 smtp.example.com ESMTP\r\n"), "INVALID_ANSWER"),
  wrong_length: misbehave(says(`${OK}content-length: 1\r\ncontent-length: 2\r\n\r\nab`), "INVALID_ANSWER"),
  broken_framing: misbehave(says(`${OK}transfer-encoding: chunked\r\n\r\nzz\r\n`), "INVALID_ANSWER"),
  endless_header: misbehave(neverEnds, "INVALID_ANSWER"),
  redirect_loop: misbehave(says("HTTP/1.1 302 Found\r\nlocation: /\r\ncontent-length: 0\r\n\r\n"), "302"),
  slow_content: misbehave(says(HALF), ""),
  huge_content: misbehave((socket) => {
    socket.write(`${OK}content-length: ${PIECE.length * PIECES}\r\n\r\n`);
    flood(socket, PIECES, PIECE);
  }, "200"),
};
