import { once } from "node:events";
import { type IncomingMessage, request as post } from "node:http";
import { request } from "undici";
import { describe, expect, test } from "vitest";
import { type Settings, specOf, started } from "./fixture.ts";

const CHAT = { messages: [{ role: "user", content: "Why?" }] };

async function ask(path: string, body: object | null, settings?: Settings) {
  const address = await started(specOf("openai", settings));
  const answer = await request(address + path, {
    method: body === null ? "GET" : "POST",
    body: body === null ? null : JSON.stringify(body),
  });
  const text = await answer.body.text();
  return { status: answer.statusCode, text, json: () => JSON.parse(text) };
}

/** The data of a stream's events. */
const dataOf = (text: string) =>
  text
    .split("\n\n")
    .filter((part) => part !== "")
    .map((part) => part.slice("data: ".length));
const parse = (data: string[]) => data.slice(0, -1).map((each) => JSON.parse(each));

describe("a chat", () => {
  test("is answered whole, with its usage", async () => {
    const { json } = await ask("/v1/chat/completions", { ...CHAT, max_tokens: 4 });
    expect(json()).toMatchObject({
      object: "chat.completion",
      choices: [
        { message: { role: "assistant", content: expect.stringMatching(/^\w+( \w+){3}$/) }, finish_reason: "length" },
      ],
      usage: { completion_tokens: 4 },
    });
  });

  test("is streamed: the role, a token an event, the end, the usage, and [DONE]", async () => {
    const whole = (await ask("/v1/chat/completions", { ...CHAT, max_tokens: 4 })).json();
    const body = { ...CHAT, max_tokens: 4, stream: true, stream_options: { include_usage: true } };
    const data = dataOf((await ask("/v1/chat/completions", body)).text);
    expect(data.at(-1)).toBe("[DONE]");
    const events = parse(data);
    expect(events).toHaveLength(7);
    expect(events[0].choices[0].delta).toEqual({ role: "assistant", content: "" });
    const said = events.map(({ choices }) => choices[0]?.delta.content ?? "").join("");
    expect(said).toBe(whole.choices[0].message.content);
    expect(events[5].choices[0].finish_reason).toBe("length");
    expect(events[6]).toMatchObject({ choices: [], usage: { completion_tokens: 4 } });
  });

  test("has no usage where nobody asks, or where the service keeps none", async () => {
    const options = { stream_options: { include_usage: true } };
    const silent = await ask("/v1/chat/completions", { ...CHAT, stream: true });
    const poor = await ask("/v1/chat/completions", { ...CHAT, stream: true, ...options }, { latency: 0, usage: false });
    for (const { text } of [silent, poor]) expect(text).not.toContain("usage");
  });
});

test("a completion is answered whole and streamed with the same words", async () => {
  const { json } = await ask("/v1/completions", { prompt: "Why?" });
  const { text } = await ask("/v1/completions", { prompt: "Why?", stream: true });
  const events = parse(dataOf(text));
  expect(events.map(({ choices }) => choices[0].text).join("")).toBe(json().choices[0].text);
});

test("a stream may be cut into pieces of any size", async () => {
  const address = await started(specOf("openai", { latency: 0, write_size: 7 }));
  const sent = post(`${address}/v1/chat/completions`, { method: "POST" }).end(
    JSON.stringify({ ...CHAT, stream: true }),
  );
  const [answer] = (await once(sent, "response")) as [IncomingMessage];
  const pieces: Buffer[] = [];
  answer.on("data", (piece: Buffer) => pieces.push(piece));
  await once(answer, "end");
  expect(pieces.every(({ length }) => length <= 7)).toBe(true);
  expect(dataOf(Buffer.concat(pieces).toString()).at(-1)).toBe("[DONE]");
});

describe("what goes wrong", () => {
  test.each([
    ["an error", { error_rate: 1 }, 500],
    ["a limit", { limit_rate: 1 }, 429],
  ])("%s is a status with a reason", async (_name, settings, status) => {
    const answer = await ask("/v1/chat/completions", CHAT, { latency: 0, ...settings });
    expect(answer.status).toBe(status);
    expect(answer.json().error.message).not.toBe("");
  });

  test("a soft error comes within the stream, after some tokens", async () => {
    const { status, text } = await ask(
      "/v1/chat/completions",
      { ...CHAT, stream: true },
      { latency: 0, soft_error_rate: 1 },
    );
    expect(status).toBe(200);
    const data = dataOf(text);
    expect(JSON.parse(data.at(-1)!)).toMatchObject({ error: { message: "The stand-in failed softly" } });
    expect(data.length).toBeGreaterThan(2);
  });

  test.each([
    ["no prompt", "/v1/completions", {}, 400],
    ["no messages", "/v1/chat/completions", { messages: [] }, 400],
    ["an unknown path", "/v1/nothing", {}, 404],
    ["no request", "/v1/completions", null, 405],
  ])("%s is refused", async (_name, path, body, status) => {
    expect((await ask(path, body)).status).toBe(status);
  });

  test("models are listed, and health is healthy", async () => {
    expect((await ask("/v1/models", null)).json().data[0].id).toBe("stand-in");
    expect((await ask("/health", null)).json()).toEqual({ status: "healthy" });
  });
});
