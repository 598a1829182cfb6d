import { createServer as createHttp2Server, type Http2Session, type ServerHttp2Stream } from "node:http2";
import { createServer as createTcpServer, type Server, type Socket } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { drive, openClient, testUser } from "../contract.ts";
import { listening } from "../loopback.ts";
import { echoProto } from "./fixture.ts";
import { grpc } from "./index.ts";

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function callAt(server: Server, method: string, timeout = 3000) {
  const listened = await listening(server);
  closing.push(listened.close);
  const calls = [{ method: `demo.echo.Echo/${method}`, message: { user: "u" } }];
  const config = { host: listened.address, proto: echoProto, calls, connect_timeout: "1s" };
  const client = await openClient(grpc, config);
  closing.push(() => client.close());
  return drive(client.ops[0]!, testUser(0), { timeout });
}

const HEADERS = { ":status": 200, "content-type": "application/grpc" };
/** One message, `{user: "hi"}`, in its frame. */
const MESSAGE = Buffer.from([0, 0, 0, 0, 4, 0x0a, 2, 0x68, 0x69]);

/** Answers with a message, and leaves the stream open. */
function begin(stream: ServerHttp2Stream): void {
  stream.respond(HEADERS);
  stream.write(MESSAGE);
}

const streams = (onStream: (stream: ServerHttp2Stream, session: Http2Session) => void): Server => {
  const server = createHttp2Server().on("stream", (stream: ServerHttp2Stream) => {
    stream.on("error", () => {});
    stream.session!.on("error", () => {});
    onStream(stream, stream.session!);
  });
  return server as unknown as Server;
};

const soon = (act: () => void): void => void setTimeout(act, 30);

describe("a call that a service spoils ends under its right name", () => {
  type Play = (stream: ServerHttp2Stream, session: Http2Session) => void;
  test.each<[string, Play, string, string, number]>([
    [
      "nothing but trailers",
      (stream) => stream.respond({ ...HEADERS, "grpc-status": "5", "grpc-message": "not%20here" }, { endStream: true }),
      "client-error",
      "NOT_FOUND",
      0,
    ],
    [
      "a status of a number that nobody knows",
      (stream) => stream.respond({ ...HEADERS, "grpc-status": "99", "grpc-message": "odd" }, { endStream: true }),
      "server-error",
      "CODE_99",
      0,
    ],
    ["RST_STREAM before an answer", (stream) => stream.close(2), "server-error", "INTERNAL", 0],
    [
      "RST_STREAM after a message: an error",
      (stream) => {
        begin(stream);
        soon(() => stream.destroy(new Error("spoiled")));
      },
      "server-error",
      "INTERNAL",
      1,
    ],
    ["RST_STREAM before an answer: cancelled", (stream) => stream.close(8), "reset", "CANCELLED", 0],
    ["RST_STREAM: refused, before it was looked at", (stream) => stream.close(7), "server-error", "UNAVAILABLE", 0],
    ["RST_STREAM: calm down", (stream) => stream.close(11), "limited", "RESOURCE_EXHAUSTED", 0],
    [
      "the connection reset after a message",
      (stream, session) => {
        begin(stream);
        soon(() => session.socket && session.destroy());
      },
      "reset",
      "UNAVAILABLE",
      1,
    ],
    ["the connection reset before an answer", (_stream, session) => session.destroy(), "reset", "UNAVAILABLE", 0],
    [
      "an end without a status",
      (stream) => {
        stream.respond(HEADERS);
        stream.end(MESSAGE);
      },
      "reset",
      "INTERNAL",
      1,
    ],
    [
      "half a message, then the end",
      (stream) => {
        stream.respond(HEADERS);
        stream.end(MESSAGE.subarray(0, 7));
      },
      "reset",
      "INTERNAL",
      0,
    ],
    [
      "a web page",
      (stream) => {
        stream.respond({ ":status": 200, "content-type": "text/html" });
        stream.end("<p>hi</p>");
      },
      "invalid",
      "RESOURCE_EXHAUSTED",
      0,
    ],
    [
      "HTTP status 500",
      (stream) => stream.respond({ ":status": 500 }, { endStream: true }),
      "server-error",
      "UNKNOWN",
      0,
    ],
    [
      "HTTP status 502",
      (stream) => stream.respond({ ":status": 502 }, { endStream: true }),
      "server-error",
      "UNAVAILABLE",
      0,
    ],
    [
      "HTTP status 403",
      (stream) => stream.respond({ ":status": 403 }, { endStream: true }),
      "client-error",
      "PERMISSION_DENIED",
      0,
    ],
    [
      "HTTP status 429",
      (stream) => stream.respond({ ":status": 429 }, { endStream: true }),
      "limited",
      "UNAVAILABLE",
      0,
    ],
    ["a message, then silence", begin, "timeout", "", 1],
    [
      "a message byte by byte, without end",
      (stream) => {
        stream.respond(HEADERS);
        stream.write(MESSAGE.subarray(0, 3));
      },
      "timeout",
      "",
      0,
    ],
  ])("%s", async (name, play, outcome, status, items) => {
    const seen = await callAt(streams(play), "Hear", outcome === "timeout" ? 300 : 3000);
    expect(seen).toMatchObject({ outcome, status, items });
    if (outcome !== "timeout") expect(seen.message).not.toBe("");
    if (name === "a web page") expect(seen.message).toBe("expected an answer of gRPC, found text/html");
  });

  test("GOAWAY in mid-stream lets the call under way end as it may", async () => {
    const seen = await callAt(
      streams((stream, session) => {
        stream.respond(HEADERS, { waitForTrailers: true });
        stream.write(MESSAGE);
        session.goaway(0);
        soon(() => {
          stream.once("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
          stream.end(MESSAGE);
        });
      }),
      "Hear",
    );
    expect(seen).toMatchObject({ outcome: "ok", items: 2 });
  });
});

describe("bytes in place of HTTP/2", () => {
  /** An empty SETTINGS frame, with which a server begins. */
  const SETTINGS = Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]);
  /** A DATA frame for stream 99, which nobody opened. */
  const STRAY = Buffer.from([0, 0, 1, 0, 0, 0, 0, 0, 99, 0x61]);
  const bytes = (...what: readonly Buffer[]) =>
    createTcpServer((socket: Socket) => {
      socket.on("error", () => {}).resume();
      for (const each of what) socket.write(each);
    });

  test.each<[string, () => Server, string]>([
    ["an answer of HTTP/1.1", () => bytes(Buffer.from("HTTP/1.1 400 Bad Request\r\n\r\n")), "refused"],
    ["noise", () => bytes(Buffer.alloc(1000, 0x5a)), "refused"],
    [
      "a connection that is closed at once",
      () => createTcpServer((socket) => socket.on("error", () => {}).end()),
      "refused",
    ],
    [
      "a connection that is reset at once",
      () => createTcpServer((socket) => void socket.on("error", () => {}).resetAndDestroy()),
      "refused",
    ],
    [
      "a connection that stays silent",
      () => createTcpServer((socket) => void socket.on("error", () => {}).resume()),
      "refused",
    ],
    ["a frame for a stream that nobody opened", () => bytes(SETTINGS, STRAY), "server-error"],
  ])("%s", async (_, server, outcome) => {
    const seen = await callAt(server(), "Say");
    expect(seen.message).not.toBe("");
    expect(seen.outcome).toBe(outcome);
  });
});
