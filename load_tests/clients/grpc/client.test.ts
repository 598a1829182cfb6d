import { createServer as createTcpServer, type Socket } from "node:net";
import type { Metadata } from "@grpc/grpc-js";
import { afterEach, describe, expect, test } from "vitest";
import type { Client } from "../../core/plugin.ts";
import { deadAddress, drive, openClient, testUser, until } from "../contract.ts";
import { echoProto, type Handlers, serveEcho, signal } from "./fixture.ts";
import { grpc } from "./index.ts";

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function clientAt(port: number, config: object): Promise<Client> {
  const client = await openClient(grpc, { host: `127.0.0.1:${port}`, proto: echoProto, ...config });
  closing.push(() => client.close());
  return client;
}

async function clientOf(handlers: Handlers, config: object): Promise<Client> {
  const running = await serveEcho(handlers);
  closing.push(running.close);
  return clientAt(running.port, config);
}

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
    closing.push(running.close);
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

describe("connections", () => {
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
    closing.push(running.close);
    const back = performance.now();
    while ((await drive(client.ops[0]!, user)).outcome !== "ok") {
      await new Promise((turn) => setTimeout(turn, 20));
      if (performance.now() - back > 3000) throw new Error("still refused after 3 s");
    }
    expect(performance.now() - back).toBeLessThan(1500);
  });

  test("a peer that takes the connection and says nothing is refused after connect_timeout, and let go", async () => {
    const sockets = new Set<Socket>();
    const server = createTcpServer((socket) => {
      sockets.add(socket.on("error", () => {}).on("close", () => sockets.delete(socket)));
    });
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    closing.push(() => {
      for (const socket of sockets) socket.destroy();
      server.close();
    });
    const client = await clientAt((server.address() as { port: number }).port, {
      connect_timeout: "200ms",
      calls: [say],
    });
    const seen = await drive(client.ops[0]!, user);
    expect(seen).toMatchObject({ outcome: "refused", ready: 0, message: "no connection in 200 ms" });
  });

  test("a call cut while it still waits for a connection is let go", async () => {
    const client = await clientAt(Number((await deadAddress()).split(":")[1]), { calls: [say] });
    const end = new AbortController();
    const seen = drive(client.ops[0]!, user, { signal: end.signal });
    end.abort();
    expect((await seen).outcome).toBe("aborted");
  });
});

describe("streams", () => {
  const lines = (...texts: string[]) => texts.map((text) => ({ user: text }));

  test("a list of messages goes up in its order, and one answer comes back", async () => {
    const client = await clientOf(
      {
        Tell(call, done) {
          const got: string[] = [];
          call.on("data", (words) => got.push(words.user)).on("end", () => done(null, { lines: got }));
        },
      },
      {
        calls: [
          { method: "demo.echo.Echo.Tell", messages: lines("a", "{{user.id}}", "c") },
          { method: "demo.echo.Echo/Tell", name: "five", message: { user: "x" }, count: 5 },
        ],
      },
    );
    const [list, count] = client.ops;
    expect([list!.firstItem, list!.gap]).toEqual([null, null]);
    expect(await drive(list!, user)).toMatchObject({ outcome: "ok", items: 0, json: { lines: ["a", "user-3", "c"] } });
    expect(await drive(count!, user)).toMatchObject({ outcome: "ok", json: { lines: ["x", "x", "x", "x", "x"] } });
  });

  test("each message that comes down is an item; the JSON is the last one's fields and the list of all", async () => {
    const client = await clientOf(
      {
        Hear(call) {
          for (let number = 1; number <= 4; number++) call.write({ user: "w", number });
          call.end();
        },
      },
      { calls: [{ method: "demo.echo.Echo/Hear", checks: ["$.number == 4", "$.messages[0].number == 1"] }] },
    );
    const [op] = client.ops;
    expect([op!.firstItem, op!.gap]).toEqual([
      { name: "first_item", unit: "ms" },
      { name: "inter_item", unit: "ms" },
    ]);
    const seen = await drive(op!, user);
    expect(seen).toMatchObject({ outcome: "ok", items: 4 });
    expect((seen.json as { messages: object[] }).messages).toHaveLength(4);
  });

  test("a conversation goes both ways at once", async () => {
    const client = await clientOf(
      { Talk: (call) => void call.on("data", (words) => call.write(words)).on("end", () => call.end()) },
      { calls: [{ method: "demo.echo.Echo/Talk", messages: lines("a", "b", "c") }] },
    );
    const seen = await drive(client.ops[0]!, user);
    expect(seen.json).toMatchObject({ messages: [{ user: "a" }, { user: "b" }, { user: "c" }] });
    expect(seen.items).toBe(3);
  });

  test("with an interval each message goes at its time from the start, not from the one before", async () => {
    const delays: number[] = [];
    const client = await clientOf(
      { Tell: (call, done) => void call.on("data", () => {}).on("end", () => done(null, {})) },
      { calls: [{ method: "demo.echo.Echo/Tell", messages: lines("a", "b", "c"), interval: "20ms" }] },
    );
    const done = signal();
    client.ops[0]!.start(
      user,
      { user, run: { id: "r" }, iteration: 0, env: {}, random: user.random, now: 0 },
      {
        timeout: 5000,
        onAbort: null,
        ready: () => {},
        sent: () => {},
        received: () => {},
        item: () => {},
        end: done.fire,
        at: (delay, fn) => {
          delays.push(delay);
          setImmediate(fn);
        },
      },
    );
    await done.promise;
    expect(delays).toEqual([20, 40]);
  });

  test("a thousand messages faster than the wire takes them all arrive", async () => {
    const client = await clientOf(
      {
        Tell(call, done) {
          let number = 0;
          call.on("data", () => number++).on("end", () => done(null, { number }));
        },
      },
      { calls: [{ method: "demo.echo.Echo/Tell", message: { user: "x".repeat(1000) }, count: 1000 }] },
    );
    expect(await drive(client.ops[0]!, user)).toMatchObject({ outcome: "ok", json: { number: 1000 } });
  });

  test("a stream that is cut half-way stops sending, and the service sees it go", async () => {
    const gone = signal();
    const first = signal();
    let number = 0;
    const client = await clientOf(
      {
        Talk(call) {
          call.on("cancelled", gone.fire).on("data", () => {
            number++;
            first.fire();
          });
        },
      },
      { calls: [{ method: "demo.echo.Echo/Talk", message: {}, count: 100, interval: "1s" }] },
    );
    const end = new AbortController();
    const seen = drive(client.ops[0]!, user, { signal: end.signal });
    await first.promise;
    end.abort();
    expect((await seen).outcome).toBe("aborted");
    await gone.promise;
    expect(number).toBe(1);
  });

  test("a stream that fails after its first messages keeps their count", async () => {
    const client = await clientOf(
      {
        Hear(call) {
          call.write({ user: "a" });
          call.emit("error", { code: 13, details: "half" });
        },
      },
      { calls: [{ method: "demo.echo.Echo/Hear" }] },
    );
    expect(await drive(client.ops[0]!, user)).toMatchObject({ outcome: "server-error", status: "INTERNAL", items: 1 });
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
