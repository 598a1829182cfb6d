/** For tests only: how WebSocket servers misbehave, in the opening and in what they answer. */
import type { Misbehaviour, Misbehaviours } from "../faults.ts";
import { HTTP_FAULTS, rawServer } from "../raw_http.ts";
import { type Peer, webSocketServer } from "./fixture.ts";

const answers = (answer: (peer: Peer, text: string) => unknown, status: Misbehaviour["status"]): Misbehaviour => ({
  serve: () => webSocketServer({ message: (peer, text) => void answer(peer, text) }),
  status,
});
const frames = (...bytes: number[]) => answers(({ wire }) => wire.write(Buffer.from(bytes)), "INVALID_ANSWER");

/** A text of twenty letters, of which one comes (RFC 6455 5.2). */
const HALF = Buffer.from([0x81, 20, 0x68]);
const CUT = /^(1006|ECONNRESET)$/;
/** A megabyte that answers nobody. */
const PIECE = JSON.stringify({ user: "nobody", filler: "x".repeat(1024 * 1024) });
const PIECES = 50;

export const webSocketFaults: Misbehaviours = {
  ...HTTP_FAULTS,
  reset_before: answers(({ wire }) => wire.resetAndDestroy(), CUT),
  reset_in_header: {
    serve: () => rawServer((socket) => void socket.write("HTTP/1.1 101 Sw", () => socket.resetAndDestroy())),
    status: "ECONNRESET",
  },
  reset_in_content: answers(({ wire }) => wire.write(HALF, () => wire.resetAndDestroy()), CUT),
  closed_before: answers(({ socket }) => socket.terminate(), CUT),
  closed_in_content: answers(({ wire }) => wire.end(HALF, () => wire.destroy()), CUT),
  half_closed: answers(({ wire }) => wire.end(), CUT),
  goodbye: answers(({ socket }) => socket.close(1001), "1001"),
  garbage: answers(({ wire }) => wire.write("220 smtp.example.com ESMTP\r\n"), "INVALID_ANSWER"),
  wrong_length: frames(0x88, 1, 0),
  broken_framing: frames(0xff, 0xff, 0xff),
  oversize: frames(0x82, 127, 0, 0, 1, 0, 0, 0, 0, 0),
  slow_content: answers(({ wire }) => wire.write(HALF), ""),
  huge_content: answers(({ socket }, text) => {
    let left = PIECES;
    const next = (): unknown => (left-- > 0 ? socket.send(PIECE, next) : socket.send(text));
    next();
  }, "OK"),
  for_no_one: answers(({ socket }, text) => {
    socket.send('{"user":"nobody"}');
    socket.send(text);
  }, "OK"),
};
