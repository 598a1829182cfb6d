import { once } from "node:events";
import { request } from "undici";
import { expect, onTestFinished, test } from "vitest";
import { WebSocket } from "ws";
import { type Settings, specOf, started } from "./fixture.ts";

async function opened(settings?: Settings, path = "/anything") {
  const socket = new WebSocket((await started(specOf("websocket", settings))) + path);
  onTestFinished(() => socket.terminate());
  await once(socket, "open");
  return socket;
}

async function exchange(socket: WebSocket, frames: readonly (string | Buffer)[]) {
  const replies: (string | Buffer)[] = [];
  const all = new Promise<void>((done) =>
    socket.on("message", (data: Buffer, binary) => {
      replies.push(binary ? data : data.toString());
      if (replies.length === frames.length) done();
    }),
  );
  for (const frame of frames) socket.send(frame);
  await all;
  return replies;
}

test("text, JSON and bytes come back as they were sent, in order", async () => {
  const frames = ["hello", JSON.stringify({ id: 7, type: "text" }), Buffer.from([0, 255, 1]), ""];
  expect(await exchange(await opened(), frames)).toEqual(frames);
});

test("replies keep their order when their latencies differ", async () => {
  const frames = Array.from({ length: 50 }, (_, i) => String(i));
  expect(await exchange(await opened({ latency: "10ms", jitter: "10ms" }), frames)).toEqual(frames);
});

test("a soft error is a reply of type error that keeps the message's fields", async () => {
  const socket = await opened({ latency: 0, soft_error_rate: 1 });
  const [first, second] = await exchange(socket, [JSON.stringify({ id: 7, type: "text" }), "plain"]);
  expect(JSON.parse(first as string)).toMatchObject({ id: 7, type: "error" });
  expect(JSON.parse(second as string)).toMatchObject({ type: "error" });
});

test.each([
  ["an error", { error_rate: 1 }, 1011],
  ["a limit", { limit_rate: 1 }, 1013],
])("%s closes the socket by its code", async (_, settings, code) => {
  const socket = await opened({ latency: 0, ...settings });
  socket.send("x");
  const [seen] = await once(socket, "close");
  expect(seen).toBe(code);
});

test("a message that hangs does not hold up the next", async () => {
  const socket = await opened({ latency: 0, hang_rate: 0.5 });
  for (let i = 0; i < 200; i++) socket.send(String(i));
  const seen: number[] = [];
  socket.on("message", (data: Buffer) => seen.push(Number(data)));
  await new Promise<void>((done) => socket.on("pong", () => done()).ping());
  expect(seen.length).toBeGreaterThan(60);
  expect(seen.length).toBeLessThan(140);
  expect(seen).toEqual([...seen].sort((a, b) => a - b));
});

test("messages come unasked where the settings say so, with the time at which they were sent", async () => {
  const before = Date.now();
  const socket = await opened({ latency: 0, push_every: "5ms" });
  for (let i = 0; i < 3; i++) {
    const [data] = await once(socket, "message");
    const { type, ts } = JSON.parse(String(data));
    expect(type).toBe("push");
    expect(ts).toBeGreaterThanOrEqual(before);
  }
});

test("plain HTTP is told to upgrade, and /health says healthy", async () => {
  const address = (await started(specOf("websocket"))).replace("ws:", "http:");
  expect((await request(address)).statusCode).toBe(426);
  expect(await (await request(`${address}/health`)).body.json()).toEqual({ status: "healthy" });
});
