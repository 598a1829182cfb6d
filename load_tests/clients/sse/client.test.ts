import { createServer } from "node:net";
import { setImmediate as turn } from "node:timers/promises";
import { afterEach, describe, expect, test } from "vitest";
import { deadAddress } from "../contract.ts";
import { drive, lateWords, openClient, resolveService, testResolver, testUser } from "../contract_driver.ts";
import { listening } from "../loopback.ts";
import {
  type Asked,
  chunked,
  DONE,
  delta,
  event,
  json,
  modelServer,
  STREAM_HEAD,
  streamOf,
  usage,
  whole,
} from "./fixture.ts";
import { openai } from "./index.ts";
import { speaksOpenAi } from "./probe.ts";
import { resolveOpenAi } from "./resolve.ts";
import { openAiSchema } from "./schema.ts";

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
  expect(lateWords.splice(0)).toEqual([]);
});

/** A client of a server that answers every request with these bytes. */
async function scene(answer: string | ((asked: Asked) => string), config: object = {}) {
  const asked: Asked[] = [];
  const server = await modelServer((socket, request) => {
    asked.push(request);
    socket.write(typeof answer === "string" ? answer : answer(request));
  });
  const client = await openClient(openai, { host: server.address, model: "m", prompts: ["Why?"], ...config });
  closing.push(server.close, () => client.close());
  return { client, op: client.ops[0]!, asked, server };
}

const seen = async (answer: string, config?: object) => drive((await scene(answer, config)).op, testUser(0));

describe("a stream", () => {
  test("is ok, its text is checked, its tokens are those of its usage, and each event with content is an item", async () => {
    const answer = streamOf(delta("a"), delta(" b"), delta(" c", "stop"), usage(4), DONE);
    const prompts = [{ prompt: "Why?", checks: ["body contains a b c", '$.choices[0].finish_reason == "stop"'] }];
    const { values, ...rest } = await seen(answer, { prompts });
    expect(rest).toMatchObject({ outcome: "ok", status: "200", items: 3, text: "a b c" });
    expect(values).toMatchObject({ tokens: 4, prompt_tokens: 5 });
    expect(values).not.toHaveProperty("chunks");
  });

  test("counts its events as chunks, and never as tokens, where the server gives no usage", async () => {
    const { values } = await seen(streamOf(delta("a b"), delta("c", "stop"), DONE));
    expect(values).toEqual({ chunks: 2 });
  });

  test.each([
    ["a role", event({ choices: [{ delta: { role: "assistant", content: "" } }] })],
    ["an empty delta", event({ choices: [{ delta: {} }] })],
    ["a null", event({ choices: [{ delta: { content: null } }] })],
    ["the usage", usage(1)],
    ["a comment", ": ping\n\n"],
    ["no choices", event({ choices: [] })],
  ])("takes %s for no content", async (_name, idle) => {
    const { items, order, outcome } = await seen(streamOf(idle, delta("a"), idle, delta("", "stop"), idle, DONE));
    expect({ items, outcome }).toEqual({ items: 1, outcome: "ok" });
    expect(order.filter((word) => word === "item")).toHaveLength(1);
  });

  test.each([
    ["thoughts", { reasoning_content: "hm" }],
    ["thoughts of others", { reasoning: "hm" }],
    ["a tool", { tool_calls: [{ function: { name: "f", arguments: "" } }] }],
    ["a refusal", { refusal: "no" }],
  ])("takes %s for content", async (_name, part) => {
    const { items, outcome } = await seen(streamOf(event({ choices: [{ delta: part, finish_reason: "stop" }] }), DONE));
    expect({ items, outcome }).toEqual({ items: 1, outcome: "ok" });
  });

  test("is read the same when it comes byte by byte", async () => {
    const bytes = Buffer.from(streamOf(": hi\r\n\r\n", delta("ä"), delta("€", "stop"), usage(2), DONE));
    const server = await modelServer(async (socket) => {
      for (const [i] of bytes.entries()) {
        socket.write(bytes.subarray(i, i + 1));
        await turn();
      }
    });
    const client = await openClient(openai, { host: server.address, model: "m" });
    closing.push(server.close, () => client.close());
    const { outcome, items, text, values } = await drive(client.ops[0]!, testUser(0));
    expect({ outcome, items, text }).toEqual({ outcome: "ok", items: 2, text: "ä€" });
    expect(values.tokens).toBe(2);
    expect(values.tpot).toBeGreaterThan(0);
    expect(values.tokens_per_second! * values.tpot!).toBeCloseTo(1000);
  });

  test.each([
    ["an error within it", [delta("a"), event({ error: { message: "out of memory" } })], "invalid", "out of memory"],
    ["an error as a text", [event({ error: "broken", error_type: "generation" })], "invalid", "broken"],
    ["an error as vLLM writes it", [event({ object: "error", message: "no room", code: 500 })], "invalid", "no room"],
    ["an event named error", [`event: error\n${event({ choices: [] })}`], "invalid", "the stream says"],
    [
      "a rate limit within it",
      [event({ error: { message: "slow down", type: "rate_limit_error" } })],
      "limited",
      "slow down",
    ],
    ["a code of 429 within it", [event({ error: { message: "later", code: 429 } })], "limited", "later"],
    ["a finish_reason of error", [delta("a", "error"), DONE], "invalid", "finish_reason is error"],
    ["no content", [delta("", "stop"), DONE], "invalid", "content"],
    ["no end", [delta("a")], "invalid", "not whole"],
    ["no JSON", [event("hello")], "invalid", "expected JSON with choices, found hello"],
    ["a list", [event([1])], "invalid", "expected JSON with choices"],
  ])("with %s is a failure that says why", async (_name, events, outcome, message) => {
    const result = await seen(streamOf(...events));
    expect(result).toMatchObject({ outcome, status: "200" });
    expect(result.message).toContain(message);
    expect(result.values).toEqual({});
  });

  test("may end by finish_reason alone, or by [DONE] alone", async () => {
    expect(await seen(streamOf(delta("a", "length")))).toMatchObject({ outcome: "ok" });
    expect(await seen(streamOf(delta("a"), DONE))).toMatchObject({ outcome: "ok" });
  });

  test("that never ends a line fails before it fills the memory", async () => {
    const part = chunked("x".repeat(64 * 1024));
    expect(await seen(STREAM_HEAD + part.repeat(20))).toMatchObject({
      outcome: "invalid",
      message: expect.stringContaining("at most"),
    });
  });

  test("cut by the server is a reset, and what it says by an error at once ends the call at once", async () => {
    const server = await modelServer((socket) => socket.end(STREAM_HEAD + chunked(delta("a"))));
    const client = await openClient(openai, { host: server.address, model: "m" });
    closing.push(server.close, () => client.close());
    expect(await drive(client.ops[0]!, testUser(0))).toMatchObject({ outcome: "reset", status: "CLOSED", items: 1 });
    const { outcome, order } = await seen(STREAM_HEAD + chunked(event({ error: { message: "x" } })));
    expect([outcome, order.at(-1)]).toEqual(["invalid", "end"]);
  });
});

describe("an answer that is not streamed", () => {
  const completion = {
    id: "1",
    choices: [{ message: { content: "a b" }, finish_reason: "stop" }],
    usage: { completion_tokens: 2 },
  };

  test("is checked as it is, and gives its tokens", async () => {
    const config = { stream: false, prompts: [{ prompt: "Why?", checks: ['$.id == "1"', "body contains a b"] }] };
    const { client, op, asked } = await scene(json("200 OK", completion), config);
    expect(await drive(op, testUser(0))).toMatchObject({ outcome: "ok", items: 0, values: { tokens: 2 } });
    expect(op.firstItem).toBeNull();
    expect(asked[0]!.body).toMatchObject({ stream: false });
    expect(asked[0]!.body).not.toHaveProperty("stream_options");
    await client.close();
  });

  test.each([
    ["an error with 200", json("200 OK", { error: { message: "no" } }), "invalid", "no"],
    ["no JSON", whole("200 OK", "text/html", "<html>"), "invalid", "expected JSON with choices, found <html>"],
    ["empty", whole("200 OK", "application/json", ""), "invalid", "expected JSON"],
    [
      "no content",
      json("200 OK", { choices: [{ message: { content: "" }, finish_reason: "stop" }] }),
      "invalid",
      "content",
    ],
    ["a redirect", whole("302 Found", "text/plain", ""), "invalid", "Found"],
  ])("%s is a failure", async (_name, answer, outcome, message) => {
    const result = await seen(answer, { stream: false });
    expect(result).toMatchObject({ outcome });
    expect(result.message).toContain(message);
  });

  test("where a stream was asked for is invalid, and says what to do", async () => {
    expect(await seen(json("200 OK", completion))).toMatchObject({
      outcome: "invalid",
      message: expect.stringContaining("stream: false"),
    });
  });
});

test.each([
  [400, "client-error"],
  [401, "client-error"],
  [404, "client-error"],
  [429, "limited"],
  [500, "server-error"],
  [503, "server-error"],
])("a status of %i is %s, and its message is the server's", async (status, outcome) => {
  const error = { error: { message: "the model says no" } };
  const result = await seen(json(`${status} Told`, error));
  expect(result).toMatchObject({ outcome, status: String(status), message: "Told: the model says no" });
  expect(result.text).toContain("the model says no");
});

describe("a request", () => {
  const ok = streamOf(delta("a", "stop"), DONE);

  test("of a chat has model, messages and the rest of the config", async () => {
    const config = {
      system: "Be {{user.id}}",
      max_tokens: 9,
      temperature: 0,
      cache: "warm",
      body: { top_p: 0.5, stream_options: null },
      headers: { "X-A": "{{user.index}}" },
      auth: { bearer: "key" },
    };
    const { op, asked } = await scene(ok, config);
    await drive(op, testUser(3));
    expect(asked[0]).toMatchObject({
      path: "/v1/chat/completions",
      headers: {
        authorization: "bearer key",
        "x-a": "3",
        accept: "text/event-stream",
        "content-type": "application/json",
      },
    });
    expect(asked[0]!.body).toEqual({
      model: "m",
      messages: [
        { role: "system", content: "Be user-3" },
        { role: "user", content: "Why?" },
      ],
      max_tokens: 9,
      temperature: 0,
      stream: true,
      top_p: 0.5,
    });
  });

  test.each([
    ["", { api: "completions" }, "/v1/completions"],
    ["/v1", {}, "/v1/chat/completions"],
    ["/base", {}, "/base/v1/chat/completions"],
    ["", { path: "/openai/x?api-version=1" }, "/openai/x?api-version=1"],
  ])('to an address with path "%s" and %j goes to %s', async (base, config, path) => {
    const asked: string[] = [];
    const server = await modelServer((socket, request) => {
      asked.push(request.path);
      socket.write(streamOf(event({ choices: [{ text: "a", finish_reason: "stop" }] }), DONE));
    });
    const client = await openClient(openai, { host: `http://${server.address}${base}`, model: "m", ...config });
    closing.push(server.close, () => client.close());
    expect(await drive(client.ops[0]!, testUser(0))).toMatchObject({ outcome: "ok", text: "a" });
    expect(asked).toEqual([path]);
  });

  test("begins with a mark that no other user and iteration has, always as long", async () => {
    const { op, asked } = await scene(ok, { system: "Be brief" });
    for (const [user, iteration] of [
      [0, 0],
      [0, 1],
      [1, 0],
    ] as const)
      await drive(op, testUser(user), { iteration });
    const first = asked.map(({ body }) => body.messages[0].content as string);
    for (const text of first) expect(text).toMatch(/^\[[0-9a-f]{16}\] Be brief$/);
    expect(new Set(first).size).toBe(3);
    expect(asked[0]!.body.messages[1].content).toBe("Why?");
  });

  test("of several prompts is one endpoint, of named ones several", async () => {
    const { client } = await scene(ok, { prompts: ["a", "b", { prompt: "c", name: "long", weight: 2 }] });
    expect(client.ops.map(({ name }) => name)).toEqual(["service.chat", "service.chat", "long"]);
    expect(client.ops.map(({ endpoint }) => endpoint!.weight)).toEqual([1, 1, 2]);
  });
});

test.each<[string, object, string]>([
  [
    "messages of a completion",
    { api: "completions", prompts: [{ messages: [{ role: "user", content: "x" }] }] },
    "prompts.0: expected `prompt`",
  ],
  [
    "a prompt that says nothing",
    { prompts: [{ weight: 2 }] },
    "prompts.0: expected one of prompt and messages, found none",
  ],
  ["a system of a completion", { api: "completions", system: "x" }, "prompts.0: expected no `system`"],
  ["a template that nothing fills", { prompts: ["{{nobody}}"] }, "prompts.0"],
  ["an address that is none", { host: "http://" }, "host: expected an address"],
  ["a path without its slash", { path: "v1" }, 'path: expected a path that begins with "/"'],
  ["TLS words for a plain address", { tls: { server_name: "x" } }, "tls: expected an address with TLS"],
])("%s is a mistake of the config", (_name, config, sentence) => {
  const at = testResolver();
  resolveOpenAi("llm", openAiSchema.parse({ host: "localhost:1", model: "m", ...config }), at);
  expect(at.issues.join("\n")).toContain(sentence);
});

describe("whether an address speaks OpenAI's HTTP", () => {
  const ask = (address: string) => speaksOpenAi(address, AbortSignal.timeout(5000));

  test.each<[string, string, boolean]>([
    ["a list of models", json("200 OK", { object: "list", data: [] }), true],
    ["a want of credentials", json("401 Unauthorized", {}), true],
    ["another page", whole("200 OK", "text/html", "<html>"), false],
    ["an error of its own", json("500 Broken", {}), false],
    ["a greeting", "220 smtp.example.com ESMTP\r\n", false],
  ])("%s: %s", async (_name, answer, expected) => {
    const server = await listening(createServer((socket) => void socket.once("data", () => socket.end(answer))));
    closing.push(server.close);
    expect(await ask(server.address)).toBe(expected);
  });

  test("nobody there is an error that names the address", async () => {
    const address = await deadAddress();
    await expect(ask(address)).rejects.toThrow(address);
  });
});

test("a probe asks `ready` where the config names it", async () => {
  const server = await modelServer((socket) => socket.write(json("503 Loading", {})));
  closing.push(server.close);
  const service = await resolveService(openai, "llm", { host: server.address, model: "m", ready: "/health" });
  await expect(openai.probe(service, AbortSignal.timeout(5000))).rejects.toThrow("answers 503");
});

test("calls and the probe go through the proxy that the config names, whose credentials are secrets", async () => {
  const { server } = await scene(streamOf(delta("a"), usage(1), DONE));
  const lines: string[] = [];
  const proxy = await modelServer((socket, { path, headers }) => {
    lines.push(`${path} ${headers["proxy-authorization"]}`);
    socket.write(path.endsWith("/ready") ? json("200 OK", {}) : streamOf(delta("a"), usage(1), DONE));
  });
  const config = { host: server.address, model: "m", proxy: `http://me:pw@${proxy.address}`, ready: "/ready" };
  const client = await openClient(openai, config);
  closing.push(proxy.close, () => client.close());
  expect((await drive(client.ops[0]!, testUser(0))).outcome).toBe("ok");
  const service = await resolveService(openai, "llm", config);
  await openai.probe(service, AbortSignal.timeout(3000));
  const credentials = `basic ${btoa("me:pw").toLowerCase()}`;
  expect(lines).toEqual(
    ["/v1/chat/completions", "/ready"].map((path) => `http://${server.address}${path} ${credentials}`),
  );
  const secrets: string[] = [];
  await (await openai.open(service, { drive: "users", secret: (value) => void secrets.push(value) })).close();
  expect(secrets).toEqual(["pw", btoa("me:pw")]);
});
