import type { ServerHttp2Stream } from "node:http2";
import { createServer as createTcpServer, type Server } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { drive, openClient, testUser, until } from "../contract.ts";
import { listening, type TestServer } from "../loopback.ts";
import { framesServer, http2Server, STRAY } from "../raw_http2.ts";
import { echoProto } from "./fixture.ts";
import { grpc } from "./index.ts";
import { GRPC_FAULTS, HEADERS, MESSAGE } from "./misbehaviours.ts";

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function callAt(serving: Promise<TestServer>, method: string, timeout = 3000, more: object = {}) {
  const listened = await serving;
  closing.push(listened.close);
  const calls = [{ method: `demo.echo.Echo/${method}`, message: { user: "u" } }];
  const config = { host: listened.address, proto: echoProto, calls, connect_timeout: "1s", ...more };
  const client = await openClient(grpc, config);
  closing.push(() => client.close());
  return drive(client.ops[0]!, testUser(0), { timeout });
}

/** Answers with a message, and leaves the stream open. */
function begin(stream: ServerHttp2Stream): void {
  stream.respond(HEADERS);
  stream.write(MESSAGE);
}

const soon = (act: () => void): void => void setTimeout(act, 30);

describe("a call that a service spoils ends under its right name", () => {
  type Play = (stream: ServerHttp2Stream) => void;
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
    ["RST_STREAM: refused, before it was looked at", (stream) => stream.close(7), "server-error", "UNAVAILABLE", 0],
    ["RST_STREAM: calm down", (stream) => stream.close(11), "limited", "RESOURCE_EXHAUSTED", 0],
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
  ])("%s", async (_, play, outcome, status, items) => {
    const seen = await callAt(
      http2Server(null, ({ stream }) => play(stream)),
      "Hear",
      outcome === "timeout" ? 300 : 3000,
    );
    expect(seen).toMatchObject({ outcome, status, items });
    if (outcome !== "timeout") expect(seen.message).not.toBe("");
  });

  test("GOAWAY in mid-stream lets the call under way end as it may", async () => {
    const seen = await callAt(
      http2Server(null, ({ stream }) => {
        stream.respond(HEADERS, { waitForTrailers: true });
        stream.write(MESSAGE);
        stream.session!.goaway(0);
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
  const bytes = (what: Buffer) =>
    createTcpServer(
      (socket) =>
        void socket
          .on("error", () => {})
          .resume()
          .write(what),
    );

  test.each<[string, () => Server]>([
    ["an answer of HTTP/1.1", () => bytes(Buffer.from("HTTP/1.1 400 Bad Request\r\n\r\n"))],
    ["noise", () => bytes(Buffer.alloc(1000, 0x5a))],
    ["a connection that is closed at once", () => createTcpServer((socket) => socket.on("error", () => {}).end())],
    [
      "a connection that is reset at once",
      () => createTcpServer((socket) => void socket.on("error", () => {}).resetAndDestroy()),
    ],
    ["a connection that stays silent", () => createTcpServer((socket) => void socket.on("error", () => {}).resume())],
  ])("%s is a refusal", async (_, server) => {
    const seen = await callAt(listening(server()), "Say");
    expect(seen.message).not.toBe("");
    expect(seen.outcome).toBe("refused");
  });

  test("a frame of a stream that nobody opened ends call and connection, and the next call has another", async () => {
    const server = await framesServer(null, STRAY);
    const seen = await callAt(Promise.resolve(server), "Say");
    expect(seen).toMatchObject({ outcome: "invalid", status: "INTERNAL" });
    expect(seen.message).toBe("the service broke HTTP/2: a frame of stream 99, which nobody opened (5.1)");
    await until("the connection is gone", () => server.open() === 0);
  });

  test("grpc-js takes such a frame for an end that it waits for: its call ends with its time", async () => {
    const server = await framesServer(null, STRAY);
    const seen = await callAt(Promise.resolve(server), "Say", 300, { driver: "reference" });
    expect(seen).toMatchObject({ outcome: "timeout" });
    await closing.pop()!();
    await until("the connection is gone", () => server.open() === 0);
  });

  test("an answer of another kind is told by its kind", async () => {
    const seen = await callAt(GRPC_FAULTS.garbage!.serve(), "Say");
    expect(seen).toMatchObject({ outcome: "invalid", message: "expected an answer of gRPC, found text/html" });
  });
});
