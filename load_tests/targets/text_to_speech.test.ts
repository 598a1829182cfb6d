import { expect, test } from "vitest";
import { caller, protoPath, type Settings, specOf, started } from "./fixture.ts";

const client = async (settings?: Settings) =>
  caller(await started(specOf("tts", settings)), protoPath("tts.proto"), "june.tts.TextToSpeech");

const TEXT = "A sentence of some thirty signs"; // 31 characters, spoken in 2067 ms

test("Synthesize answers 16 kHz PCM as long as the text takes to say", async () => {
  const answer = await (await client()).unary("Synthesize", { text: TEXT, voice_id: "default", language: "en" });
  expect(answer).toMatchObject({ sample_rate: 16_000, encoding: "pcm16", duration_ms: 2067 });
  expect(answer.audio_data.length / 2 / 16).toBeCloseTo(2067, 0);
});

test("the audio is a tone: it is loud, and crosses zero 440 times a second", async () => {
  const { audio_data } = await (await client()).unary("Synthesize", { text: TEXT });
  const samples = Array.from({ length: audio_data.length / 2 }, (_, i) => audio_data.readInt16LE(i * 2) as number);
  expect(Math.sqrt(samples.reduce((sum, x) => sum + x * x, 0) / samples.length)).toBeGreaterThan(5000);
  const signs = samples.filter((x) => x !== 0).map(Math.sign);
  const crossings = signs.filter((sign, i) => i > 0 && sign !== signs[i - 1]).length;
  expect(crossings / 2.067).toBeGreaterThan(435);
  expect(crossings / 2.067).toBeLessThan(445);
});

test("a faster speed gives shorter audio", async () => {
  const answer = await (await client()).unary("Synthesize", { text: TEXT, config: { speed: 2 } });
  expect(answer.duration_ms).toBe(1033);
});

test("empty text is answered OK with 0 bytes", async () => {
  const { audio_data, duration_ms = 0 } = await (await client()).unary("Synthesize", { text: "" });
  expect([audio_data?.length ?? 0, duration_ms]).toEqual([0, 0]);
});

test("SynthesizeStream speaks each text in pieces of 100 ms and marks its last", async () => {
  const requests = [{ text: "fifteen letters" }, { text: "more words" }];
  const { messages, error } = await (await client()).stream("SynthesizeStream", requests);
  expect(error).toBeNull();
  expect(messages.map((message) => message.is_final === true)).toEqual(
    Array.from({ length: 17 }, (_, i) => i === 9 || i === 16),
  );
  expect(messages.map((message) => message.timestamp_us ?? 0)).toEqual(
    Array.from({ length: 17 }, (_, i) => i * 100_000),
  );
  expect(messages.every((message) => message.audio_data.length > 0)).toBe(true);
});

test("HealthCheck names a voice", async () => {
  expect(await (await client()).unary("HealthCheck", {})).toMatchObject({
    healthy: true,
    available_voices: ["default"],
  });
});

test("a soft error is an OK with 0 bytes of audio", async () => {
  const tts = await client({ latency: 0, soft_error_rate: 1 });
  const { audio_data, duration_ms = 0 } = await tts.unary("Synthesize", { text: TEXT });
  expect([audio_data?.length ?? 0, duration_ms]).toEqual([0, 0]);
  const { messages, error } = await tts.stream("SynthesizeStream", [{ text: TEXT }]);
  expect(error).toBeNull();
  expect(messages.map((message) => [message.audio_data?.length ?? 0, message.is_final])).toEqual([[0, true]]);
});
