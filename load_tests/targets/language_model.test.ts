import { expect, test } from "vitest";
import { caller, protoPath, type Settings, specOf, started } from "./fixture.ts";

const client = async (settings?: Settings) =>
  caller(await started(specOf("llm", settings)), protoPath("llm.proto"), "june.llm.LLMInference");

const PROMPT = { prompt: "Why is the sky blue?" };
const CHAT = { messages: [{ role: "user", content: PROMPT.prompt }] };

test("Generate says the same to the same prompt and something else to another", async () => {
  const llm = await client();
  const first = await llm.unary("Generate", PROMPT);
  expect(first.text).not.toBe("");
  expect((await llm.unary("Generate", PROMPT)).text).toBe(first.text);
  expect((await llm.unary("Generate", { prompt: "And the grass?" })).text).not.toBe(first.text);
});

test("Generate counts its tokens and the prompt's", async () => {
  const { text, tokens_generated, tokens_per_second, usage } = await (await client()).unary("Generate", PROMPT);
  const tokens = text.split(" ").length;
  expect(tokens_generated).toBe(tokens);
  expect(tokens_per_second).toBeGreaterThan(0);
  expect(usage).toMatchObject({ prompt_tokens: 5, completion_tokens: tokens, total_tokens: 5 + tokens });
});

test("max_tokens cuts the answer, whose finish reason is LENGTH", async () => {
  const answer = await (await client()).unary("Generate", { ...PROMPT, params: { max_tokens: 3 } });
  expect(answer).toMatchObject({ tokens_generated: 3, finish_reason: "LENGTH" });
  expect(answer.text.split(" ")).toHaveLength(3);
});

test("GenerateStream sends the text of Generate token by token and marks the last", async () => {
  const llm = await client();
  const { text } = await llm.unary("Generate", PROMPT);
  const { messages, error } = await llm.stream("GenerateStream", [PROMPT]);
  expect(error).toBeNull();
  expect(messages.map(({ token }) => token).join("")).toBe(text);
  expect(messages).toHaveLength(text.split(" ").length);
  expect(messages.map(({ index = 0 }) => index)).toEqual(messages.map((_, i) => i));
  expect(messages.map(({ is_final = false }) => is_final)).toEqual(messages.map((_, i) => i === messages.length - 1));
});

test("Chat and ChatStream say the same", async () => {
  const llm = await client();
  const { message, tokens_generated } = await llm.unary("Chat", CHAT);
  expect(message).toMatchObject({ role: "assistant", content: expect.stringMatching(/./) });
  const { messages } = await llm.stream("ChatStream", [CHAT]);
  expect(messages.map(({ content_delta }) => content_delta).join("")).toBe(message.content);
  expect(messages).toHaveLength(tokens_generated);
  expect(messages.at(-1)).toMatchObject({ is_final: true });
});

test("Embed gives each text its own vector, the same each time", async () => {
  const llm = await client();
  const { embeddings, dimension } = await llm.unary("Embed", { texts: ["a", "b"] });
  expect(embeddings).toHaveLength(2 * dimension);
  expect(embeddings.slice(0, dimension)).not.toEqual(embeddings.slice(dimension));
  expect((await llm.unary("Embed", { texts: ["b"] })).embeddings).toEqual(embeddings.slice(dimension));
});

test("HealthCheck says that streams are supported", async () => {
  expect(await (await client()).unary("HealthCheck", {})).toMatchObject({ healthy: true, supports_streaming: true });
});

test.each([
  ["Generate", {}],
  ["Generate", { prompt: "x".repeat(100_001) }],
  ["Chat", { messages: [] }],
])("%s refuses a prompt that is empty or too long", async (method, request) => {
  await expect((await client()).unary(method, request)).rejects.toMatchObject({ code: 3 });
});

test("a stream refuses an empty prompt before any token", async () => {
  const { messages, error } = await (await client()).stream("GenerateStream", [{}]);
  expect(messages).toEqual([]);
  expect(error).toMatchObject({ code: 3 });
});

test("a soft error is an OK that says ERROR, or nothing where there is no finish reason", async () => {
  const llm = await client({ latency: 0, soft_error_rate: 1 });
  const { text = "", finish_reason } = await llm.unary("Generate", PROMPT);
  expect([text, finish_reason]).toEqual(["", "ERROR"]);
  expect((await llm.unary("Chat", CHAT)).message.content ?? "").toBe("");
  for (const [method, request] of [
    ["GenerateStream", PROMPT],
    ["ChatStream", CHAT],
  ] as const) {
    const { messages, error } = await llm.stream(method, [request]);
    expect(error).toBeNull();
    expect(messages).toEqual([expect.objectContaining({ is_final: true, finish_reason: "ERROR" })]);
  }
  expect((await llm.unary("Embed", { texts: ["a"] })).embeddings ?? []).toEqual([]);
});

test("tokens of a stream come one by one, not all at once", async () => {
  const llm = await client({ latency: "40ms", jitter: 0 });
  const begin = performance.now();
  const { messages } = await llm.stream("GenerateStream", [PROMPT]);
  expect(performance.now() - begin).toBeGreaterThanOrEqual(40 + (messages.length - 1) * 9);
});
