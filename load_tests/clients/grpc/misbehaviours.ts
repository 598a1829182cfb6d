/** For tests only: how gRPC services misbehave, in HTTP/2 and above it. */
import type { ServerHttp2Stream } from "node:http2";
import type { Misbehaviour, Misbehaviours } from "../faults.ts";
import { http2Faults, http2Server } from "../raw_http2.ts";

export const HEADERS = { ":status": 200, "content-type": "application/grpc" };
/** One message, `{user: "hi"}`, in its frame. */
export const MESSAGE = Buffer.from([0, 0, 0, 0, 4, 0x0a, 2, 0x68, 0x69]);
/** The head of a message of almost two gigabytes. */
const ENDLESS = Buffer.from([0, 0x7f, 255, 255, 255]);
const PIECES = 50;

/** Half a message, and no end. */
function begin(stream: ServerHttp2Stream, written: () => void): void {
  stream.respond(HEADERS);
  stream.write(MESSAGE.subarray(0, 7), written);
}

/** These bytes as the whole answer, with the status of success. */
export function finish(stream: ServerHttp2Stream, bytes: Buffer): void {
  stream.respond(HEADERS, { waitForTrailers: true });
  stream.once("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
  stream.end(bytes);
}

const answers = (answer: (stream: ServerHttp2Stream) => void, status: Misbehaviour["status"]): Misbehaviour => ({
  serve: () => http2Server(null, ({ stream }) => answer(stream)),
  status,
});

export const GRPC_FAULTS: Misbehaviours = {
  ...http2Faults({ certificate: null, begin, cut: /^(UNAVAILABLE|INTERNAL)$/, nonsense: "INTERNAL" }),
  stream_reset: answers((stream) => stream.close(8), "CANCELLED"),
  garbage: answers((stream) => {
    stream.respond({ ":status": 200, "content-type": "text/html" });
    stream.end("<p>hi</p>");
  }, "RESOURCE_EXHAUSTED"),
  wrong_length: answers((stream) => {
    stream.respond(HEADERS);
    stream.end(MESSAGE.subarray(0, 7));
  }, "INTERNAL"),
  oversize: answers((stream) => {
    stream.respond(HEADERS);
    stream.write(ENDLESS);
  }, "RESOURCE_EXHAUSTED"),
  redirect_loop: answers((stream) => stream.respond({ ":status": 302, location: "/" }, { endStream: true }), "UNKNOWN"),
  huge_content: null,
  for_no_one: answers((stream) => {
    stream.additionalHeaders({ ":status": 103, link: "</x>" });
    stream.session!.ping(() => {});
    finish(stream, MESSAGE);
  }, "OK"),
};

/** `{audio: <a megabyte>}`, in its frame. */
const MEGABYTE = (() => {
  const length = 1 << 20;
  const head = Buffer.from([0, 0, 0x10, 0, 4, 0x32, 0x80, 0x80, 0x40]);
  return Buffer.concat([head, Buffer.alloc(length)]);
})();

/** A stream can be longer than any message. */
export const STREAM_FAULTS: Misbehaviours = {
  ...GRPC_FAULTS,
  huge_content: answers((stream) => {
    let left = PIECES;
    stream.respond(HEADERS, { waitForTrailers: true });
    stream.once("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
    const next = (): unknown => (left-- > 0 ? stream.write(MEGABYTE, next) : stream.end());
    next();
  }, "OK"),
};
