/** gRPC calls that go wrong on command, below what a gRPC server says. */
import type { ServerHttp2Stream } from "node:http2";
import type { Socket } from "node:net";
import { Metadata, ServerInterceptingCall, type ServerInterceptor, status } from "@grpc/grpc-js";
import type { GrpcFault } from "../core/standin.ts";
import type { Behaviour } from "./behaviour.ts";

/** An empty message in its frame: a flag and four bytes of length. */
const MESSAGE = Buffer.alloc(5);
/** A frame that says two gigabytes. */
const HUGE = Buffer.from([0, 0x7f, 0xff, 0xff, 0xff]);
const HALF = Buffer.from([0, 0, 0, 0, 10, 0x0a, 8]);
const INTERNAL_ERROR = 2;
const TRICKLE_MS = 200;
/** Time for the client to read what came before the end, which else overtakes it. */
const READ_MS = 30;

/** What the limiter of a Python service says that raises in an interceptor. */
const RAISED = "Unexpected <class 'grpc.RpcError'>: (<StatusCode.RESOURCE_EXHAUSTED: 8>, 'Rate limit exceeded')";

/** `socket` is the connection below HTTP/2. */
type Play = (stream: ServerHttp2Stream, socket: Socket | undefined) => void;
/** The connection from a port of a client. */
type SocketAt = (port: number | undefined) => Socket | undefined;
type Call = ConstructorParameters<typeof ServerInterceptingCall>[0];

const say = (stream: ServerHttp2Stream, bytes: Buffer) => void stream.write(bytes);

const afterMessage =
  (act: Play): Play =>
  (stream, socket) => {
    say(stream, MESSAGE);
    setTimeout(act, READ_MS, stream, socket).unref();
  };

const reset: Play = (_stream, socket) => void socket?.resetAndDestroy();

/** A byte at a time, of a message that has no end within any deadline. */
function trickle(stream: ServerHttp2Stream, left: number): void {
  if (stream.destroyed || left === 0) return;
  stream.write(Buffer.alloc(1));
  setTimeout(trickle, TRICKLE_MS, stream, left - 1).unref();
}

const PLAYS: Readonly<Record<Exclude<GrpcFault, "raised_limit" | "empty">, Play>> = {
  reset,
  reset_in_stream: afterMessage(reset),
  stream_reset: (stream) => stream.close(INTERNAL_ERROR),
  stream_reset_in_stream: afterMessage((stream) => void stream.destroy(new Error("spoiled"))),
  goaway: afterMessage((stream, socket) => {
    stream.session?.goaway(0);
    setTimeout(reset, READ_MS, stream, socket).unref();
  }),
  web_page: (stream) => {
    stream.respond({ ":status": 200, "content-type": "text/html" });
    stream.end("<p>It works</p>");
  },
  oversize: (stream) => say(stream, HUGE),
  half_message: (stream) => {
    say(stream, HALF);
    stream.end();
  },
  no_status: (stream) => {
    say(stream, MESSAGE);
    stream.end();
  },
  slow: (stream) => {
    say(stream, Buffer.from([0, 0, 0, 0xff, 0xff]));
    trickle(stream, 0xffff);
  },
};

/** The others come in the midst of an answer, whose headers grpc-js sends. */
const BEFORE_HEADERS = new Set(["reset", "stream_reset", "web_page"]);

/** grpc-js hands the stream itself to nobody. */
const streamOf = (call: Call) => (call as unknown as { stream: ServerHttp2Stream }).stream;

function misbehave(fault: string, call: Call, socketAt: SocketAt): void {
  const stream = streamOf(call);
  if (stream.destroyed) return;
  stream.on("error", () => {}); // its end is all there is to know
  const code = status[fault as keyof typeof status];
  if (fault === "raised_limit") sendStatus(call, status.UNKNOWN, RAISED);
  else if (fault === "empty") sendStatus(call, status.OK, "");
  else if (code !== undefined) sendStatus(call, code, "as the stand-in's faults say");
  else if (/^\d+$/.test(fault)) stream.respond({ ":status": Number(fault) }, { endStream: true });
  else {
    const play = PLAYS[fault as keyof typeof PLAYS];
    if (!BEFORE_HEADERS.has(fault)) call.sendMetadata(new Metadata());
    play(stream, socketAt(stream.session?.socket.remotePort));
  }
}

const sendStatus = (call: Call, code: status, details: string): void =>
  call.sendStatus({ code, details, metadata: new Metadata() });

const HEALTH = /^\/grpc\.health\.|\/HealthCheck$/;

/** Lets most calls pass, and spoils those whose lot is a fault; never the health of the service. */
export const spoiling =
  (behaviour: Behaviour, socketAt: SocketAt): ServerInterceptor =>
  ({ path }, call) => {
    const fault = HEALTH.test(path) ? null : behaviour.fault();
    if (fault === null) return new ServerInterceptingCall(call);
    return new ServerInterceptingCall(call, { start: () => behaviour.play(() => misbehave(fault, call, socketAt)) });
  };
