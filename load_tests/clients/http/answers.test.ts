import type { Socket } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { drive, lateWords, openClient, testUser } from "../contract_driver.ts";
import { deferred, type TestServer } from "../loopback.ts";
import { httpServer, rawServer } from "./fixture.ts";
import { rest } from "./index.ts";

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
  expect(lateWords.splice(0)).toEqual([]);
});

async function opOf(server: TestServer, endpoint: object = {}, service: object = {}) {
  const endpoints = [{ path: "/", ...endpoint }];
  const client = await openClient(rest, { host: server.address, endpoints, ...service });
  closing.push(server.close, () => client.close());
  return client.ops[0]!;
}

const callOf = async (respond: (socket: Socket) => void, endpoint: object = {}) =>
  drive(await opOf(await rawServer(respond), endpoint), testUser(0), { timeout: 3000 });

describe("bytes that are no whole answer", () => {
  const end = (text: string) => (socket: Socket) => void socket.end(text);
  // A reset on the heels of data reads as a plain end: the client must have read first, which no event here tells.
  const reset = (text: string) => (socket: Socket) => {
    socket.write(text, () => setTimeout(() => socket.resetAndDestroy(), 50));
  };
  const stay = (text: string) => (socket: Socket) => void socket.write(text);
  const long = `x-long: ${"x".repeat(20_000)}\r\n`;

  test.each([
    ["half a status line, then a hang-up", end("HTTP/1.1 2"), "reset", "CLOSED"],
    ["half the headers, then a hang-up", end("HTTP/1.1 200 OK\r\ncontent-le"), "reset", "CLOSED"],
    ["a reset after the headers", reset("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n"), "reset", "ECONNRESET"],
    [
      "less than content-length, kept alive",
      end("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf"),
      "reset",
      "CLOSED",
    ],
    [
      "less than content-length, closing",
      end("HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 9\r\n\r\nhalf"),
      "reset",
      "CLOSED",
    ],
    [
      "less than content-length, closing, reset",
      reset("HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 9\r\n\r\nhalf"),
      "reset",
      "ECONNRESET",
    ],
    [
      "chunks without an end",
      end("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\nhalf\r\n"),
      "reset",
      "CLOSED",
    ],
    [
      "a body up to the end of the connection that is reset",
      reset("HTTP/1.1 200 OK\r\n\r\nhalf"),
      "reset",
      "ECONNRESET",
    ],
    ["headers beyond any measure", stay(`HTTP/1.1 200 OK\r\n${long}\r\n`), "invalid", "INVALID_ANSWER"],
    [
      "an upgrade that nobody asked for",
      stay("HTTP/1.1 101 Switching\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n"),
      "invalid",
      "INVALID_ANSWER",
    ],
  ])("%s", async (_name, respond, outcome, status) => {
    const seen = await callOf(respond);
    expect(seen).toMatchObject({ outcome, status });
    expect(seen.message).not.toBe("");
  });
});

describe("answers", () => {
  test("a body may last up to the end of the connection", async () => {
    const seen = await callOf((socket) => void socket.end("HTTP/1.1 200 OK\r\n\r\nall of it"));
    expect(seen).toMatchObject({ outcome: "ok", status: "200", size: 9 });
  });

  test("what comes after the answer harms neither it nor the next call", async () => {
    const server = await rawServer(
      (socket) => void socket.write("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok and more"),
    );
    const op = await opOf(server);
    const user = testUser(0);
    for (let i = 0; i < 3; i++) expect(await drive(op, user)).toMatchObject({ outcome: "ok", size: 2 });
    expect(server.accepted()).toBe(3);
  });

  test("a body that comes slowly is one item, from its first byte on, and every byte is counted", async () => {
    const wait = (ms: number) => new Promise((done) => setTimeout(done, ms));
    const server = await httpServer(async (_request, response) => {
      for (let i = 0; i < 5; i++) {
        response.write("0123456789");
        await wait(10);
      }
      response.end();
    });
    const seen = await drive(await opOf(server), testUser(0));
    expect(seen).toMatchObject({ outcome: "ok", items: 1, size: 50 });
    expect(seen.received).toBeGreaterThan(50);
  });

  test("bytes are counted as they stand on the wire, both ways", async () => {
    const counts = { sent: 0, received: 0 };
    const server = await rawServer((socket, request) => {
      counts.sent += Buffer.byteLength(request, "latin1");
      const answer = "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello";
      counts.received += answer.length;
      socket.write(answer);
    });
    const op = await opOf(server, { method: "POST", body: "" });
    const user = testUser(0);
    for (let i = 0; i < 3; i++) {
      const seen = await drive(op, user);
      expect({ sent: seen.sent, received: seen.received }).toEqual(counts);
      counts.sent = counts.received = 0;
    }
  });

  test("no body is no item, and HEAD and 204 keep the connection", async () => {
    const server = await httpServer((request, response) => {
      response
        .writeHead(request.method === "HEAD" ? 200 : 204, request.method === "HEAD" ? { "content-length": 9 } : {})
        .end();
    });
    const client = await openClient(rest, {
      host: server.address,
      endpoints: [{ path: "/", method: "HEAD" }, { path: "/" }],
    });
    closing.push(server.close, () => client.close());
    const user = testUser(0);
    for (const op of [...client.ops, ...client.ops])
      expect(await drive(op, user)).toMatchObject({ outcome: "ok", items: 0, size: 0 });
    expect(server.accepted()).toBe(1);
  });

  test("every status from 200 to 599 is what HTTP says it is", async () => {
    const server = await httpServer(
      (request, response) => void response.writeHead(Number(request.url!.slice(1))).end(),
    );
    const op = await opOf(server, { path: "/{{iteration}}" });
    const user = testUser(0);
    for (let code = 200; code < 600; code++) {
      const outcome = code < 400 ? "ok" : code === 429 ? "limited" : code < 500 ? "client-error" : "server-error";
      expect(await drive(op, user, { iteration: code })).toMatchObject({ outcome, status: String(code) });
    }
  });

  test("checks that speak of the status judge it alone", async () => {
    const server = await httpServer((_request, response) => void response.writeHead(404).end());
    const expected = await opOf(server, { checks: ["status == 404"] });
    expect(await drive(expected, testUser(0))).toMatchObject({ outcome: "ok", status: "404" });
    const client = await openClient(rest, {
      host: server.address,
      endpoints: [{ path: "/", checks: ["status == 200"] }],
    });
    closing.push(() => client.close());
    expect(await drive(client.ops[0]!, testUser(0))).toMatchObject({ outcome: "invalid", status: "404" });
  });

  test("an error's message is the reason and the beginning of its body", async () => {
    const server = await httpServer(
      (_request, response) => void response.writeHead(500, "Broken").end("x".repeat(5000)),
    );
    const seen = await drive(await opOf(server), testUser(0));
    expect(seen.message).toMatch(/^Broken: x{150,200}/);
    expect(seen.message.length).toBeLessThan(220);
    expect(seen.size).toBe(5000);
  });

  test("a body is kept up to 64 KB where a check asks for it, else not at all", async () => {
    const server = await httpServer((_request, response) => void response.end("x".repeat(100_000)));
    const op = await opOf(server, { checks: ["body contains x"] });
    expect(await drive(op, testUser(0))).toMatchObject({ outcome: "ok", size: 100_000, text: "x".repeat(65_536) });
    const plain = await openClient(rest, { host: server.address, endpoints: [{ path: "/" }] });
    closing.push(() => plain.close());
    expect(await drive(plain.ops[0]!, testUser(0))).toMatchObject({ size: 100_000, text: "" });
  });

  test("a check that fails on a body beyond that says so", async () => {
    const body = JSON.stringify({ filler: "x".repeat(100_000), id: 1 });
    const server = await httpServer((_request, response) => void response.end(body));
    const op = await opOf(server, { checks: ["$.id exists"] });
    expect(await drive(op, testUser(0))).toMatchObject({
      outcome: "invalid",
      message: `check failed: $.id exists (of the body's ${body.length} bytes only the first 65536 are kept for checks)`,
    });
  });

  test("checks see headers of any case, repeated ones joined", async () => {
    const server = await httpServer((_request, response) => void response.setHeader("X-Id", ["a", "b"]).end());
    const op = await opOf(server, { checks: ['header:x-id == "a, b"', "header:x-none not exists"] });
    expect(await drive(op, testUser(0))).toMatchObject({ outcome: "ok" });
  });

  test("a call cut half-way through its body leaves the connection closed and the next call works", async () => {
    const sent = deferred();
    let first = true;
    const server = await httpServer((_request, response) => {
      if (!first) return void response.end("ok");
      first = false;
      response.writeHead(200, { "content-length": 100 }).write("half", () => sent.resolve());
    });
    const op = await opOf(server);
    const user = testUser(0);
    const cut = new AbortController();
    const seen = drive(op, user, { signal: cut.signal });
    await sent.promise;
    cut.abort();
    expect(await seen).toMatchObject({ outcome: "aborted" });
    expect(await drive(op, user)).toMatchObject({ outcome: "ok" });
    expect(server.accepted()).toBe(2);
  });
});
