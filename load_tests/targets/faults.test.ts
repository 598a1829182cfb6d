import { once } from "node:events";
import { request } from "undici";
import { describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import { caller, protoPath, type Settings, specOf, started } from "./fixture.ts";

const GENERATE = { prompt: "Why?" };
const llm = async (settings: Settings) =>
  caller(await started(specOf("llm", settings)), protoPath("llm.proto"), "june.llm.LLMInference");

describe("faults of gRPC calls", () => {
  test.each([
    ["error_rate", 13],
    ["limit_rate", 8],
  ])("%s shows as status %d in calls and in streams", async (setting, code) => {
    const client = await llm({ latency: 0, [setting]: 1 });
    await expect(client.unary("Generate", GENERATE)).rejects.toMatchObject({ code });
    expect(await client.stream("GenerateStream", [GENERATE])).toMatchObject({ messages: [], error: { code } });
  });

  test("a call that hangs runs into its deadline", async () => {
    const client = await llm({ latency: 0, hang_rate: 1 });
    const options = { deadline: Date.now() + 100 };
    await expect(client.unary("Generate", GENERATE, options)).rejects.toMatchObject({ code: 4 });
    expect(await client.stream("GenerateStream", [GENERATE], options)).toMatchObject({ error: { code: 4 } });
  });

  test("a service that dies resets the calls that wait, and is gone", async () => {
    const client = await llm({ latency: "30s", dies_after: "50ms" });
    await expect(client.unary("Generate", GENERATE)).rejects.toMatchObject({ code: 14 });
    await expect(client.unary("Generate", GENERATE)).rejects.toMatchObject({
      code: 14,
      details: expect.stringContaining("ECONNREFUSED"),
    });
  });

  test("a cancelled call leaves the service well", async () => {
    const client = await llm({ latency: "20ms", jitter: 0 });
    const options = { deadline: Date.now() + 5 };
    await expect(client.unary("Generate", GENERATE, options)).rejects.toMatchObject({ code: 4 });
    await client.stream("GenerateStream", [GENERATE], options);
    expect(await client.unary("Generate", GENERATE)).toHaveProperty("text");
  });
});

describe("faults of HTTP calls", () => {
  test("a call that hangs is never answered", async () => {
    const address = await started(specOf("rest", { latency: 0, hang_rate: 1 }));
    const cut = AbortSignal.timeout(100);
    await expect(request(address, { signal: cut })).rejects.toMatchObject({ name: "TimeoutError" });
  });

  test("a service that dies resets the calls that wait, and is gone", async () => {
    const address = await started(specOf("rest", { latency: "30s", dies_after: "50ms" }));
    await expect(request(address)).rejects.toMatchObject({ code: "ECONNRESET" });
    await expect(request(address)).rejects.toMatchObject({ code: "ECONNREFUSED" });
  });
});

test("a WebSocket service that dies resets its conversations", async () => {
  const socket = new WebSocket(await started(specOf("websocket", { latency: 0, dies_after: "50ms" })));
  socket.on("error", () => {});
  await once(socket, "open");
  socket.send("x");
  expect((await once(socket, "close"))[0]).toBe(1006);
});

test("a freeze holds the calls of every connection until it ends, then answers all", async () => {
  const address = await started(specOf("rest", { latency: 0, freeze: { at: 0, for: "300ms" } }));
  const seen: string[] = [];
  setTimeout(() => seen.push("half of it"), 150); // this process serves too, so its timers fire in order
  const call = () => request(address).then(({ statusCode }) => seen.push(String(statusCode)));
  await Promise.all([call(), call(), call()]);
  expect(seen).toEqual(["half of it", "200", "200", "200"]);
  await call();
  expect(seen).toHaveLength(5);
});
