import type { Metadata } from "@grpc/grpc-js";
import { afterEach, describe, expect, test } from "vitest";
import { deadAddress, drive, testUser, until } from "../contract.ts";
import { ErrorCode } from "../http2/errors.ts";
import { FrameType, frame, settingsFrame } from "../http2/frames.ts";
import { frameServer, goAwayUpTo, headers } from "../http2/peer.ts";
import { Setting } from "../http2/settings.ts";
import { framed } from "./fast/messages.ts";
import { openings, serveEcho } from "./fixture.ts";

const { clientAt, clientOf, later, closeAll } = openings();
afterEach(closeAll);

const say = { method: "demo.echo.Echo/Say" };
const user = testUser(3);

describe("what a call carries", () => {
  test("templates in messages and metadata are filled for each call", async () => {
    let metadata: Metadata | undefined;
    const client = await clientOf(
      {
        Say(call, done) {
          metadata = call.metadata;
          done(null, call.request);
        },
      },
      {
        metadata: { "x-all": "every call", "x-user-id": "{{user.id}}" },
        calls: [
          {
            ...say,
            message: { user: "{{user.id}}", number: "{{iteration}}" },
            metadata: { "X-Own": "{{iteration}}", "x-raw-bin": "AAEC" },
          },
        ],
      },
    );
    for (const iteration of [4, 5]) {
      const seen = await drive(client.ops[0]!, user, { iteration });
      expect(seen.json).toMatchObject({ user: "user-3", number: iteration });
      expect(metadata?.getMap()).toMatchObject({
        "x-all": "every call",
        "x-user-id": "user-3",
        "x-own": String(iteration),
      });
      expect(metadata?.get("x-raw-bin")).toEqual([Buffer.from([0, 1, 2])]);
    }
  });

  test("the service sees the deadline of the call", async () => {
    const seen: number[] = [];
    const client = await clientOf(
      {
        Say(call, done) {
          seen.push(Number(call.getDeadline()));
          done(null, call.request);
        },
      },
      { calls: [say, { ...say, name: "quick", deadline: "2s" }] },
    );
    const start = Date.now();
    for (const op of client.ops)
      expect(await drive(op, user, op.timeout === undefined ? { timeout: 60_000 } : {})).toMatchObject({
        outcome: "ok",
      });
    expect(client.ops.map(({ timeout }) => timeout)).toEqual([undefined, 2000]);
    const [long, short] = seen.map((deadline) => deadline - start);
    expect(long).toBeGreaterThan(50_000);
    expect(short).toBeGreaterThan(1000);
    expect(short).toBeLessThan(30_000);
  });

  test("a value that is missing stops the call before it is sent", async () => {
    let calls = 0;
    const running = await serveEcho({ Say: () => calls++ });
    later(running.close);
    const client = await clientAt(running.port, { calls: [{ ...say, message: { user: "{{env.NOBODY}}" } }] });
    await expect(drive(client.ops[0]!, user)).rejects.toThrow("NOBODY");
    expect(calls).toBe(0);
  });

  test("bytes of messages are counted both ways, without what gRPC adds", async () => {
    const client = await clientOf(
      { Say: (call, done) => done(null, { user: `${call.request.user}!` }) },
      { calls: [{ ...say, message: { user: "abc" } }] },
    );
    expect(await drive(client.ops[0]!, user)).toMatchObject({ sent: 5, received: 6, size: 6 });
  });

  test("headers of the answer and its trailers can be read", async () => {
    const client = await clientOf(
      { Say: (call, done) => done(null, call.request, call.metadata) },
      { metadata: { "x-back": "again" }, calls: [{ ...say, checks: ["header:x-back == again"] }] },
    );
    expect(await drive(client.ops[0]!, user)).toMatchObject({ outcome: "ok" });
  });

  test("bytes are base64 text to checks", async () => {
    const client = await clientOf(
      { Say: (_call, done) => done(null, { audio: Buffer.from([0, 1, 2]) }) },
      { calls: [{ ...say, checks: ["$.audio == AAEC", "$.audio matches /^AA/"] }] },
    );
    expect(await drive(client.ops[0]!, user)).toMatchObject({ outcome: "ok" });
  });

  test("an answer of many megabytes is taken", async () => {
    const client = await clientOf(
      { Say: (_call, done) => done(null, { audio: Buffer.alloc(9_000_000) }) },
      { calls: [say] },
    );
    const seen = await drive(client.ops[0]!, user);
    expect(seen).toMatchObject({ outcome: "ok" });
    expect(seen.received).toBeGreaterThan(9_000_000);
  });
});

describe("the size and the form of messages", () => {
  test("an answer larger than max_message_size is invalid, one of that size is taken", async () => {
    const client = await clientOf(
      { Say: (call, done) => done(null, { audio: Buffer.alloc(call.request.number) }) },
      {
        max_message_size: "1KB",
        calls: [
          { ...say, message: { number: 1021 } },
          { ...say, name: "more", message: { number: 1022 } },
        ],
      },
    );
    expect(await drive(client.ops[0]!, user)).toMatchObject({ outcome: "ok", size: 1024 });
    expect(await drive(client.ops[1]!, user)).toMatchObject({
      outcome: "invalid",
      status: "RESOURCE_EXHAUSTED",
      message: "the answer has a message of 1025 bytes, larger than max_message_size, 1024 bytes",
    });
  });
});

describe("connections", () => {
  test("per_user: each user has a channel, from the first call to the end of the session", async () => {
    const peers = new Set<string>();
    const client = await clientOf(
      {
        Say(call, done) {
          peers.add(call.getPeer());
          done(null, call.request);
        },
      },
      { channels: "per_user", calls: [say] },
    );
    const users = [testUser(0), testUser(1), testUser(2)];
    for (let round = 0; round < 3; round++)
      for (const each of users) expect(await drive(client.ops[0]!, each)).toMatchObject({ outcome: "ok" });
    expect(peers.size).toBe(3);
    client.release(users[0]!);
    await drive(client.ops[0]!, users[0]!);
    expect(peers.size).toBe(4);
  });

  test("each channel is a connection, and calls take them in turn", async () => {
    const peers = new Map<string, number>();
    const client = await clientOf(
      {
        Say(call, done) {
          peers.set(call.getPeer(), (peers.get(call.getPeer()) ?? 0) + 1);
          done(null, call.request);
        },
      },
      { channels: 3, calls: [say] },
    );
    for (let i = 0; i < 9; i++) await drive(client.ops[0]!, testUser(i % 2));
    expect([...peers.values()]).toEqual([3, 3, 3]);
  });

  test("a service that comes back is called again within a second", async () => {
    const address = await deadAddress();
    const port = Number(address.split(":")[1]);
    const client = await clientAt(port, { calls: [say] });
    const end = performance.now() + 2500;
    while (performance.now() < end) {
      expect((await drive(client.ops[0]!, user)).outcome).toBe("refused");
      await new Promise((turn) => setTimeout(turn, 20));
    }
    const running = await serveEcho({ Say: (call, done) => done(null, call.request) }, port);
    later(running.close);
    const back = performance.now();
    while ((await drive(client.ops[0]!, user)).outcome !== "ok") {
      await new Promise((turn) => setTimeout(turn, 20));
      if (performance.now() - back > 3000) throw new Error("still refused after 3 s");
    }
    expect(performance.now() - back).toBeLessThan(1500);
  });

  test("a call cut while it still waits for a connection is let go", async () => {
    const client = await clientAt(Number((await deadAddress()).split(":")[1]), { calls: [say] });
    const end = new AbortController();
    const seen = drive(client.ops[0]!, user, { signal: end.signal });
    end.abort();
    expect((await seen).outcome).toBe("aborted");
  });
});

test("a service that stops at once ends every call on it as a reset", async () => {
  const running = await serveEcho({ Say: () => reached++ });
  let reached = 0;
  const client = await clientAt(running.port, { calls: [say] });
  const calls = Array.from({ length: 20 }, (_, index) => drive(client.ops[0]!, testUser(index)));
  await until("all calls are at the service", () => reached === calls.length);
  await running.close();
  for (const seen of await Promise.all(calls)) expect(seen.outcome).toBe("reset");
});

test("garbage after a valid answer spoils no call: the next one has a new connection", async () => {
  const server = await frameServer(
    (peer) => peer.send(settingsFrame([])),
    (peer, { type, stream, flags }) => {
      if (type === FrameType.DATA && flags === 1) peer.send(...okAnswer(stream), Buffer.alloc(100, 0xff));
    },
  );
  later(server.close);
  const client = await clientAt(server.port, { calls: [say] });
  for (let i = 0; i < 3; i++) {
    expect(await drive(client.ops[0]!, user)).toMatchObject({ outcome: "ok" });
    await until("the connection is gone", () => server.open() === 0);
  }
  expect(server.accepted()).toBe(3);
});

const okAnswer = (stream: number) => [
  headers(stream, [[":status", "200"]]),
  frame(FrameType.DATA, 0, framed(Buffer.alloc(0), false), stream),
  headers(stream, [["grpc-status", "0"]], 5),
];

test("a service that ends each connection after a few calls, as proxies do, is sent every call once", async () => {
  let connections = 0;
  const server = await frameServer(
    (peer) => {
      connections++;
      peer.send(settingsFrame([[Setting.MAX_CONCURRENT_STREAMS, 4]]));
    },
    (peer, { type, stream, flags }) => {
      if (type !== FrameType.DATA || flags !== 1) return;
      peer.send(...okAnswer(stream));
      if (stream === 9) peer.send(goAwayUpTo(9));
    },
  );
  later(server.close);
  const client = await clientAt(server.port, { calls: [say] });
  const calls = await Promise.all(Array.from({ length: 50 }, (_, index) => drive(client.ops[0]!, testUser(index))));
  expect(new Set(calls.map(({ outcome, message }) => `${outcome} ${message}`))).toEqual(new Set(["ok "]));
  expect(connections).toBeGreaterThan(5);
  const resent = calls.filter(({ values }) => values.resent === 1).length;
  expect(resent).toBeGreaterThan(0);
  expect(resent).toBeLessThan(calls.length);
});

test("of a connection that ends by an error what the service had seen is lost, and what it had not goes once more", async () => {
  const seen: number[] = [];
  const server = await frameServer(
    (peer) => peer.send(settingsFrame([])),
    (peer, { type, stream, flags }) => {
      if (type !== FrameType.DATA || flags !== 1) return;
      seen.push(stream);
      if (seen.length > 4) peer.send(...okAnswer(stream));
      else if (seen.length === 4) peer.send(goAwayUpTo(3, ErrorCode.INTERNAL_ERROR));
    },
  );
  later(server.close);
  const client = await clientAt(server.port, { calls: [say] });
  const calls = await Promise.all(Array.from({ length: 4 }, (_, index) => drive(client.ops[0]!, testUser(index))));
  expect(calls.map(({ outcome, values }) => [outcome, values.resent])).toEqual([
    ["reset", undefined],
    ["reset", undefined],
    ["ok", 1],
    ["ok", 1],
  ]);
  expect(calls[0]!.message).toContain("INTERNAL_ERROR");
  expect(seen).toEqual([1, 3, 5, 7, 1, 3]);
});

test("a client that is closed makes no connection for calls that wait for their turn", async () => {
  const server = await frameServer((peer) => peer.send(settingsFrame([[Setting.MAX_CONCURRENT_STREAMS, 1]])));
  later(server.close);
  const client = await clientAt(server.port, { calls: [say] });
  const calls = [drive(client.ops[0]!, user), drive(client.ops[0]!, user)];
  await client.close();
  expect((await Promise.all(calls)).map(({ outcome }) => outcome)).toEqual(["reset", "refused"]);
  expect(server.accepted()).toBe(1);
});
