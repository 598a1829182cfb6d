import { readFileSync } from "node:fs";
import { Server, ServerCredentials, type ServiceDefinition } from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";
import { afterEach, expect, test } from "vitest";
import { drive, openClient, type Seen, testUser } from "../contract.ts";
import { grpc } from "./index.ts";
import { KNOWN_METHODS, ROLES } from "./roles.ts";

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

// biome-ignore lint/suspicious/noExplicitAny: messages of protos known at run time only
type Any = any;
type Handler = (call: Any, done: (error: null, answer: Any) => void) => void;

const protos = [...new Set(KNOWN_METHODS.map(({ proto }) => proto))];
const definitions = Object.assign(
  {},
  ...protos.map((proto) => loadSync(proto, { keepCase: true, longs: String, enums: String, defaults: true })),
);

/** Calls one method of a role on a real server that handles it so. */
async function call(role: string, method: string, handler: Handler): Promise<Seen> {
  const known = KNOWN_METHODS.find((each) => each.method === `${ROLES[role]!.service}/${method}`)!;
  const server = new Server();
  const [service] = known.method.split("/");
  server.addService(definitions[service!] as ServiceDefinition, { [method]: handler });
  closing.push(() => server.forceShutdown());
  const port = await new Promise<number>((done, fail) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, at) =>
      error ? fail(error) : done(at),
    );
  });
  const client = await openClient(grpc, { host: `127.0.0.1:${port}`, role, methods: { [method]: 1 } });
  closing.push(() => client.close());
  return drive(client.ops[0]!, testUser(2), { iteration: 7 });
}

const answer =
  (message: object): Handler =>
  (_call, done) =>
    done(null, message);
const stream =
  (...messages: object[]): Handler =>
  (call) => {
    for (const message of messages) call.write(message);
    if (call.readable === undefined) call.end();
    else call.on("data", () => {}).on("end", () => call.end());
  };

test.each<[string, string, string, Handler]>([
  ["no result", "stt", "Recognize", answer({ results: [] })],
  ["an empty transcript", "stt", "Recognize", answer({ results: [{ transcript: "" }] })],
  ["a stream without a message", "stt", "RecognizeStream", stream()],
  ["a final result without words", "stt", "RecognizeStream", stream({ transcript: "", is_final: true })],
  ["no audio", "tts", "Synthesize", answer({ audio_data: Buffer.alloc(0), sample_rate: 16_000 })],
  ["a stream without audio", "tts", "SynthesizeStream", stream({ is_final: true })],
  ["empty text", "llm", "Generate", answer({ text: "" })],
  ["an error as the reason", "llm", "Generate", answer({ text: "sorry", finish_reason: "ERROR" })],
  ["a silent stream", "llm", "GenerateStream", stream()],
  [
    "a stream that ends in an error",
    "llm",
    "GenerateStream",
    stream({ token: "a" }, { is_final: true, finish_reason: "ERROR" }),
  ],
  ["a stream of empty tokens", "llm", "GenerateStream", stream({ token: "" }, { is_final: true })],
  ["a message without content", "llm", "Chat", answer({ message: { role: "assistant" } })],
  ["no message", "llm", "Chat", answer({})],
  ["a chat that ends in an error", "llm", "ChatStream", stream({ is_final: true, finish_reason: "ERROR" })],
  ["no embedding", "llm", "Embed", answer({ dimension: 3 })],
  ["an unhealthy service", "llm", "HealthCheck", answer({ healthy: false })],
])("OK that carries %s is invalid (%s.%s)", async (_, role, method, handler) => {
  expect(await call(role, method, handler)).toMatchObject({ outcome: "invalid", status: "OK" });
});

test("speech is sent as the spoken sample, whole", async () => {
  let request: Any;
  const seen = await call("stt", "Recognize", (got, done) => {
    request = got.request;
    done(null, { results: [{ transcript: "hello" }] });
  });
  expect(seen).toMatchObject({ outcome: "ok", json: { results: [{ transcript: "hello" }] } });
  expect(request).toMatchObject({ sample_rate: 16_000, encoding: "wav", config: { language: "en" } });
  expect(request.audio_data).toEqual(readFileSync(new URL("../../../config/audio/speech.wav", import.meta.url)));
});

test("speech is streamed as raw pcm in pieces of 100 ms, and text that comes back is timed", async () => {
  const chunks: Any[] = [];
  const seen = await call("stt", "RecognizeStream", (got) => {
    got
      .on("data", (chunk: Any) => chunks.push(chunk))
      .on("end", () => {
        got.write({ transcript: "" });
        got.write({ transcript: "turn " });
        got.write({ transcript: "on", is_final: true });
        got.end();
      });
  });
  expect(seen).toMatchObject({ outcome: "ok", items: 2, json: { transcript: "turn on", is_final: true } });
  expect(chunks.slice(0, -1).every(({ audio_data }) => audio_data.length === 3200)).toBe(true);
  expect(chunks[3]).toMatchObject({ sample_rate: 16_000, channels: 1, encoding: "pcm", timestamp_us: "300000" });
  const wav = readFileSync(new URL("../../../config/audio/speech.wav", import.meta.url));
  expect(Buffer.concat(chunks.map(({ audio_data }) => audio_data))).toEqual(wav.subarray(44));
});

test("prompts differ by run, user and iteration, so that no cache answers", async () => {
  const seen = await call("llm", "Generate", (got, done) =>
    done(null, { text: got.request.prompt, tokens_generated: got.request.params.max_tokens }),
  );
  expect((seen.json as Any).text).toMatch(/^Run run-1, user-2, question 7: [A-Z]/);
  expect(seen.json).toMatchObject({ tokens_generated: 128 });
});

test("an empty first token does not stop the time to the first", async () => {
  const seen = await call(
    "llm",
    "GenerateStream",
    stream({ token: "" }, { token: "Good " }, { token: "day" }, { is_final: true }),
  );
  expect(seen).toMatchObject({ outcome: "ok", items: 2, json: { token: "Good day" } });
});

test("audio that streams is joined, and base64 in text", async () => {
  const seen = await call(
    "tts",
    "SynthesizeStream",
    stream({ audio_data: Buffer.from([1, 2]) }, { audio_data: Buffer.from([3]), is_final: true }),
  );
  expect(seen).toMatchObject({ outcome: "ok", items: 2 });
  expect(JSON.parse(seen.text).audio_data).toBe("AQID");
});

test("the sample is speech of about a second, 16 kHz, one channel of 16 bits", () => {
  const wav = readFileSync(new URL("../../../config/audio/speech.wav", import.meta.url));
  expect([wav.toString("latin1", 0, 4), wav.readUInt16LE(22), wav.readUInt32LE(24), wav.readUInt16LE(34)]).toEqual([
    "RIFF",
    1,
    16_000,
    16,
  ]);
  expect(wav.toString("latin1", 36, 40)).toBe("data");
  expect(wav.length - 44).toBe(wav.readUInt32LE(40));
});
