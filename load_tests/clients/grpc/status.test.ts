import { createServer as createHttp2Server, type ServerHttp2Stream } from "node:http2";
import { createServer as createTcpServer } from "node:net";
import { Metadata, status as Status } from "@grpc/grpc-js";
import { afterEach, describe, expect, test } from "vitest";
import { drive, openClient, testUser } from "../contract.ts";
import { echoProto, failure, type Handlers, serveEcho } from "./fixture.ts";
import { grpc } from "./index.ts";
import { endingOf } from "./status.ts";

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function callAt(port: number, config: object = {}) {
  const calls = [{ method: "demo.echo.Echo/Say", message: { user: "u" } }];
  const client = await openClient(grpc, { host: `127.0.0.1:${port}`, proto: echoProto, calls, ...config });
  closing.push(() => client.close());
  return drive(client.ops[0]!, testUser(0));
}

async function callOf(handlers: Handlers) {
  const running = await serveEcho(handlers);
  closing.push(running.close);
  return callAt(running.port);
}

/** A server of HTTP/2 streams answered by hand. */
async function callOfStreams(onStream: (stream: ServerHttp2Stream) => void) {
  const server = createHttp2Server().on("stream", (stream) => {
    stream.on("error", () => {});
    onStream(stream);
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  closing.push(() => server.close());
  return callAt((server.address() as { port: number }).port);
}

const headers = { ":status": 200, "content-type": "application/grpc" };

describe("a status that the service says", () => {
  test.each([
    ["CANCELLED", "client-error"],
    ["UNKNOWN", "server-error"],
    ["INVALID_ARGUMENT", "client-error"],
    ["DEADLINE_EXCEEDED", "timeout"],
    ["NOT_FOUND", "client-error"],
    ["ALREADY_EXISTS", "client-error"],
    ["PERMISSION_DENIED", "client-error"],
    ["RESOURCE_EXHAUSTED", "limited"],
    ["FAILED_PRECONDITION", "client-error"],
    ["ABORTED", "server-error"],
    ["OUT_OF_RANGE", "client-error"],
    ["UNIMPLEMENTED", "client-error"],
    ["INTERNAL", "server-error"],
    ["UNAVAILABLE", "server-error"],
    ["DATA_LOSS", "server-error"],
    ["UNAUTHENTICATED", "client-error"],
  ] as const)("%s is a %s, with the service's own words", async (name, outcome) => {
    const seen = await callOf({ Say: (_call, done) => done(failure(Status[name], "as it is")) });
    expect(seen).toMatchObject({ outcome, status: name, message: "as it is" });
  });

  test.each([
    ["Unexpected <class 'grpc.RpcError'>: <RpcError with details 'Rate limit exceeded'>", "limited"],
    ["Exception calling application: rate_limit of user-1", "limited"],
    ["429 Too Many Requests", "limited"],
    ["the operation was corporate limited", "server-error"],
  ] as const)("UNKNOWN with the text %j is %s", async (text, outcome) => {
    const seen = await callOf({ Say: (_call, done) => done(failure(Status.UNKNOWN, text)) });
    expect(seen).toMatchObject({ outcome, status: "UNKNOWN" });
  });

  test.each([
    [Status.UNAVAILABLE, "No connection established. Last error: connect ECONNREFUSED 10.0.0.1:1. Resolution note: "],
    [Status.UNAVAILABLE, "Connection dropped"],
    [Status.UNAVAILABLE, "read ECONNRESET"],
  ])(
    "%s in the words of our own library, passed on from a service behind, is the service's error",
    async (code, text) => {
      expect(await callOf({ Say: (_call, done) => done(failure(code, text)) })).toMatchObject({
        outcome: "server-error",
      });
    },
  );

  test("a message that the service finds too large is its limit, in whatever words", async () => {
    const text = "Received message larger than max (5242885 vs 4194304)";
    const seen = await callOf({ Say: (_call, done) => done(failure(Status.RESOURCE_EXHAUSTED, text)) });
    expect(seen).toMatchObject({ outcome: "limited", message: text });
  });
});

describe("what happens below gRPC", () => {
  test("a message larger than we take is invalid", async () => {
    const seen = await callOfStreams((stream) => {
      stream.respond(headers);
      stream.write(Buffer.from([0, 0x7f, 0xff, 0xff, 0xff]));
    });
    expect(seen).toMatchObject({ outcome: "invalid", status: "RESOURCE_EXHAUSTED" });
    expect(seen.message).toBe(
      "the answer has a message of 2147483647 bytes, larger than max_message_size, 67108864 bytes",
    );
  });

  test("an answer without a status is a reset", async () => {
    const seen = await callOfStreams((stream) => {
      stream.respond(headers);
      stream.end(Buffer.from([0, 0, 0, 0, 0]));
    });
    expect(seen).toMatchObject({ outcome: "reset" });
  });

  test("OK without a message is invalid where one is due", async () => {
    const seen = await callOfStreams((stream) => {
      stream.respond({ ...headers, "grpc-status": "0" }, { endStream: true });
    });
    expect(seen).toMatchObject({ outcome: "invalid", status: "OK", message: "the service said OK and sent no answer" });
  });

  test.each([
    [503, "server-error"],
    [429, "limited"],
    [404, "client-error"],
    [401, "client-error"],
  ] as const)("a proxy's HTTP status %d is a %s", async (code, outcome) => {
    const seen = await callOfStreams((stream) => {
      stream.respond({ ":status": code, "content-type": "text/plain" });
      stream.end("no");
    });
    expect(seen).toMatchObject({ outcome });
  });

  test("a message that cannot be decoded is invalid where a check reads it", async () => {
    const server = createHttp2Server().on("stream", (stream) => {
      stream.respond(headers, { waitForTrailers: true });
      stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
      stream.end(Buffer.from([0, 0, 0, 0, 2, 0x7f, 0x01]));
    });
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    closing.push(() => server.close());
    const calls = [{ method: "demo.echo.Echo/Say", checks: ["$.user exists"] }];
    const seen = await callAt((server.address() as { port: number }).port, { calls });
    expect(seen).toMatchObject({ outcome: "invalid", status: "OK", json: undefined });
  });

  test("a stream that the service resets is the service's error", async () => {
    const seen = await callOfStreams((stream) => stream.close(2));
    expect(seen).toMatchObject({ outcome: "server-error", status: "INTERNAL" });
  });

  test("a peer that speaks no HTTP/2 is a refusal: no connection was had", async () => {
    const server = createTcpServer((socket) => socket.on("error", () => {}).end("HTTP/1.1 400 Bad Request\r\n\r\n"));
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    closing.push(() => server.close());
    const seen = await callAt((server.address() as { port: number }).port);
    expect(seen).toMatchObject({ outcome: "refused", status: "UNAVAILABLE" });
    expect(seen.message).not.toMatch(/\d{4}-\d\d-\d\dT/);
  });

  test("a name that nobody knows is a refusal", async () => {
    const client = await openClient(grpc, {
      host: "no-such-host.invalid:1",
      proto: echoProto,
      calls: [{ method: "demo.echo.Echo/Say" }],
    });
    closing.push(() => client.close());
    expect(await drive(client.ops[0]!, testUser(0))).toMatchObject({ outcome: "refused" });
  });
});

describe("system errors in a status", () => {
  const refusal = (words: string) => ({
    code: Status.UNAVAILABLE,
    details: `No connection established. Last error: ${words} (2026-01-01T00:00:00.000Z). Resolution note: `,
    metadata: new Metadata(),
  });
  test.each([
    ["connect EMFILE 127.0.0.1:1", "unsent"],
    ["connect EADDRNOTAVAIL 127.0.0.1:1", "unsent"],
    ["connect ENOBUFS 127.0.0.1:1", "unsent"],
    ["connect ECONNREFUSED 127.0.0.1:1", "refused"],
    ["connect EHOSTUNREACH 10.1.2.3:1", "refused"],
  ])("%s is %s, and is told without the time of day", (words, outcome) => {
    expect(endingOf(refusal(words), { answered: false, maxMessageSize: 1 })).toEqual({
      outcome,
      status: "UNAVAILABLE",
      message: `no connection: ${words}`,
    });
  });
});
