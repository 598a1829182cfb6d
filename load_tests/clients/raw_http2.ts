/** For tests only: HTTP/2 servers, and HTTP/2 by hand, as servers write it that misbehave. */
import { createSecureServer, createServer, type ServerHttp2Stream } from "node:http2";
import { createServer as createTcpServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import type { Certificate } from "./certificates.ts";
import type { Fault, Misbehaviour } from "./faults.ts";
import { listening, type TestServer } from "./loopback.ts";

/** A call as the server sees it; `wire` is the connection below TLS. */
interface Asked {
  readonly stream: ServerHttp2Stream;
  readonly path: string;
  readonly wire: Socket;
}

/** Without a certificate they speak in the clear. */
type MaybeCertificate = Certificate | null;

/** Finds the connection below TLS by the client's port. */
function wiresOf(server: Server): (port: number | undefined) => Socket {
  const wires = new Map<number | undefined, Socket>();
  server.on("connection", (wire: Socket) => void wires.set(wire.remotePort, wire));
  return (port) => wires.get(port)!;
}

export async function http2Server(certificate: MaybeCertificate, answer: (asked: Asked) => void): Promise<TestServer> {
  const server = certificate === null ? createServer() : createSecureServer(certificate.pem);
  const wireOf = wiresOf(server as unknown as Server);
  server.on("session", (session) => void session.on("error", () => {}));
  server.on("stream", (stream: ServerHttp2Stream, headers) => {
    stream.on("error", () => {});
    answer({ stream, path: String(headers[":path"]), wire: wireOf(stream.session?.socket.remotePort) });
  });
  return listening(server as unknown as Server);
}

const tcpServer = (certificate: MaybeCertificate, meet: (socket: Socket) => void): Server =>
  certificate === null ? createTcpServer(meet) : createTlsServer({ ...certificate.pem, ALPNProtocols: ["h2"] }, meet);

/** A server that agrees to HTTP/2 and, asked for something, writes what it likes. */
function rawServer(certificate: MaybeCertificate, talk: (socket: Socket, wire: Socket) => void): Promise<TestServer> {
  const server = tcpServer(certificate, (socket) => {
    let seen = Buffer.alloc(0);
    const listen = (chunk: Buffer) => {
      seen = Buffer.concat([seen, chunk]);
      if (!hasHeaders(seen.subarray(PREFACE))) return;
      socket.off("data", listen).resume();
      talk(socket, wireOf(socket.remotePort));
    };
    socket.on("error", () => {}).on("data", listen);
    socket.write(HELLO);
  });
  const wireOf = wiresOf(server);
  return listening(server);
}

/** Bytes with which a client begins, and those of a frame's header (RFC 9113 3.4, 4.1). */
const PREFACE = 24;
const HEAD = 9;
const [DATA, HEADERS, SETTINGS, CONTINUATION] = [0, 1, 4, 9] as const;

function hasHeaders(frames: Buffer): boolean {
  for (let at = 0; at + HEAD <= frames.length; at += HEAD + frames.readUIntBE(at, 3))
    if (frames[at + 3] === HEADERS) return true;
  return false;
}

interface Frame {
  readonly flags?: number;
  readonly stream?: number;
  readonly payload?: Buffer;
}

function frame(type: number, { flags = 0, stream = 1, payload = Buffer.alloc(0) }: Frame): Buffer {
  const head = Buffer.alloc(HEAD);
  head.writeUIntBE(payload.length, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

const HELLO = frame(SETTINGS, { stream: 0 });
/** `:status: 200`, and a literal field that goes on (RFC 7541). */
const FIELDS = Buffer.concat([Buffer.from([0x88]), Buffer.from([0x00, 1, 0x61, 100]), Buffer.alloc(100, "x")]);
const END_HEADERS = 4;
const MORE = Array.from({ length: 50 }, () => frame(CONTINUATION, { payload: FIELDS.subarray(1) }));

/** Answers with frames by hand, and stays. */
export const framesServer = (certificate: MaybeCertificate, ...frames: Buffer[]): Promise<TestServer> =>
  rawServer(certificate, (socket) => void socket.write(Buffer.concat(frames)));

/** A frame of a stream that nobody opened. */
export const STRAY = frame(DATA, { stream: 99, payload: Buffer.from("a") });

/** A server of another protocol behind the same handshake of TLS. */
export const otherServer = (certificate: MaybeCertificate): Promise<TestServer> =>
  listening(
    tcpServer(certificate, (socket) => {
      socket.on("error", () => {}).once("data", () => socket.write("220 smtp.example.com ESMTP\r\n"));
    }),
  );

/** A protocol over HTTP/2. */
interface Content {
  readonly certificate: MaybeCertificate;
  /** Answers, but not to the end. */
  begin(stream: ServerHttp2Stream, written: () => void): void;
  /** The statuses of a connection that was lost, and of what makes no sense. */
  readonly cut: RegExp;
  readonly nonsense: string;
}

/** How servers of HTTP/2 do what has nothing to do with their content. */
export function http2Faults({ certificate, begin, cut, nonsense }: Content) {
  const answers = (answer: (asked: Asked) => void, status: Misbehaviour["status"] = cut): Misbehaviour => ({
    serve: () => http2Server(certificate, answer),
    status,
  });
  const writes = (...frames: Buffer[]): Misbehaviour => ({
    serve: () => framesServer(certificate, ...frames),
    status: nonsense,
  });
  const half = frame(HEADERS, { flags: END_HEADERS, payload: FIELDS }).subarray(0, 30);
  return {
    reset_before: answers(({ wire }) => void wire.resetAndDestroy()),
    reset_in_header: {
      serve: () => rawServer(certificate, (socket, wire) => socket.write(half, () => wire.resetAndDestroy())),
      status: cut,
    },
    reset_in_content: answers(({ stream, wire }) => begin(stream, () => wire.resetAndDestroy())),
    closed_before: answers(({ wire }) => void wire.destroySoon()),
    closed_in_content: answers(({ stream, wire }) => begin(stream, () => wire.destroySoon())),
    half_closed: answers(({ wire }) => void wire.end()),
    goodbye: answers(({ stream, wire }) => {
      stream.session!.goaway();
      setImmediate(() => wire.end());
    }),
    expulsion: answers(({ stream }) => stream.session!.goaway(2)),
    broken_framing: writes(frame(HEADERS, { flags: END_HEADERS, stream: 0, payload: FIELDS })),
    endless_header: writes(frame(HEADERS, { payload: FIELDS }), ...MORE),
    slow_content: answers(({ stream }) => begin(stream, () => {}), ""),
  } satisfies Partial<Record<Fault, Misbehaviour>>;
}
