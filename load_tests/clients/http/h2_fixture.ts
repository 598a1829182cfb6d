/** For tests only: HTTP/2 servers on loopback, well-behaved and not. */
import { createSecureServer, type ServerHttp2Stream } from "node:http2";
import type { Socket } from "node:net";
import { createServer as createTlsServer, type TLSSocket } from "node:tls";
import type { Certificate } from "../certificates.ts";
import type { Behaviour, Stage } from "../contract.ts";
import type { Misbehaviour, Misbehaviours } from "../faults.ts";
import { deferred, listening, type TestServer } from "../loopback.ts";

/** A call as the server sees it; `wire` is the connection below TLS. */
interface Asked {
  readonly stream: ServerHttp2Stream;
  readonly path: string;
  readonly wire: Socket;
}

export async function http2Server({ pem }: Certificate, answer: (asked: Asked) => void): Promise<TestServer> {
  const wires = new Map<number | undefined, Socket>();
  const server = createSecureServer(pem).on("session", (session) => void session.on("error", () => {}));
  server.on("connection", (wire: Socket) => void wires.set(wire.remotePort, wire));
  server.on("stream", (stream, headers) => {
    stream.on("error", () => {});
    answer({ stream, path: String(headers[":path"]), wire: wires.get(stream.session?.socket.remotePort)! });
  });
  return listening(server);
}

/** A server that agrees to HTTP/2 and then writes what it likes. */
const rawServer = ({ pem }: Certificate, talk: (socket: TLSSocket) => void): Promise<TestServer> =>
  listening(
    createTlsServer({ ...pem, ALPNProtocols: ["h2"] }, (socket) => {
      socket.on("error", () => {}).once("data", () => talk(socket));
    }),
  );

const STATUS_OF = { "client-error": 404, "server-error": 503, limited: 429 } as const;

/** The contract's server: `/users/<id>` comes back as `{user: <id>}`. */
export async function serveHttp2(certificate: Certificate, behaviour: Behaviour): Promise<Stage> {
  const called = deferred();
  const letGo = deferred();
  const server =
    behaviour === "garbage"
      ? await GARBAGE(certificate).serve()
      : await http2Server(certificate, ({ stream, path }) => {
          const body = JSON.stringify({ user: path.split("/").at(-1) });
          stream.on("close", letGo.resolve);
          if (behaviour === "echo") stream.end(body);
          else if (behaviour === "half") stream.write(body);
          else if (behaviour !== "silent") {
            stream.respond({ ":status": STATUS_OF[behaviour] });
            stream.end("why");
          }
          called.resolve();
        });
  return { port: server.port, called: called.promise, letGo: letGo.promise, close: server.close };
}

/** RFC 9113 4.1. */
function frame(type: number, flags: number, { stream = 1, payload = Buffer.alloc(0) }: Frame): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

interface Frame {
  readonly stream?: number;
  readonly payload?: Buffer;
}

const [HEADERS, SETTINGS, CONTINUATION] = [1, 4, 9] as const;
const HELLO = frame(SETTINGS, 0, { stream: 0 });
/** `:status: 200`, and a literal field that goes on (RFC 7541). */
const FIELDS = Buffer.concat([Buffer.from([0x88]), Buffer.from([0x00, 1, 0x61, 100]), Buffer.alloc(100, "x")]);

const raw = (certificate: Certificate, ...frames: Buffer[]): Misbehaviour => ({
  serve: () => rawServer(certificate, (socket) => void socket.write(Buffer.concat(frames))),
  status: "INVALID_ANSWER",
});
const GARBAGE = (certificate: Certificate) => raw(certificate, Buffer.from("220 smtp.example.com ESMTP\r\n"));
const CUT = /^(CLOSED|ECONNRESET|RST_STREAM_\d+)$/;
const PIECE = Buffer.alloc(1024 * 1024, "x");
const PIECES = 50;

export function http2Faults(certificate: Certificate): Misbehaviours {
  const calls = (answer: (asked: Asked) => void, status: Misbehaviour["status"]): Misbehaviour => ({
    serve: () => http2Server(certificate, answer),
    status,
  });
  const more = Array.from({ length: 50 }, () => frame(CONTINUATION, 0, { payload: FIELDS.subarray(1) }));
  return {
    reset_before: calls(({ wire }) => void wire.resetAndDestroy(), CUT),
    reset_in_header: null,
    reset_in_content: calls(({ stream, wire }) => void stream.write("half", () => wire.resetAndDestroy()), CUT),
    closed_before: calls(({ wire }) => void wire.destroySoon(), CUT),
    closed_in_content: calls(({ stream, wire }) => void stream.write("half", () => wire.destroySoon()), CUT),
    half_closed: calls(({ wire }) => void wire.end(), CUT),
    goodbye: calls(({ stream, wire }) => {
      stream.session!.goaway();
      setImmediate(() => wire.end());
    }, CUT),
    stream_reset: calls(({ stream }) => stream.close(2), "RST_STREAM_2"),
    garbage: GARBAGE(certificate),
    wrong_length: calls(({ stream }) => {
      stream.respond({ ":status": 200, "content-length": 100 });
      stream.end("half");
    }, /^(RST_STREAM_1|INVALID_ANSWER)$/),
    broken_framing: raw(certificate, HELLO, frame(HEADERS, 4, { stream: 0, payload: FIELDS })),
    endless_header: raw(certificate, HELLO, frame(HEADERS, 0, { payload: FIELDS }), ...more),
    oversize: null,
    redirect_loop: calls(({ stream }) => {
      stream.respond({ ":status": 302, location: "/" });
      stream.end();
    }, "302"),
    slow_content: calls(({ stream }) => void stream.write("half"), ""),
    huge_content: calls(({ stream }) => {
      let left = PIECES;
      const next = (): unknown => (left-- > 0 ? stream.write(PIECE, next) : stream.end());
      next();
    }, "200"),
    for_no_one: calls(({ stream }) => {
      stream.additionalHeaders({ ":status": 103, link: "</x>" });
      stream.respond({ ":status": 200 });
      stream.end('{"user":"me"}');
    }, "200"),
  };
}
