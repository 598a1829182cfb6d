import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { caller, protoPath, type Settings, specOf, started } from "./fixture.ts";

const client = async (settings?: Settings) =>
  caller(await started(specOf("stt", settings)), protoPath("asr.proto"), "june.asr.SpeechToText");

const pcm = (ms: number) => Buffer.alloc((ms / 1000) * 16_000 * 2);
const request = (audio: Buffer, more: object = {}) => ({
  audio_data: audio,
  sample_rate: 16_000,
  encoding: "pcm",
  ...more,
});

test.each([
  [400, "the"],
  [1000, "the quick brown"],
  [2000, "the quick brown fox jumps"],
])("Recognize hears more words in longer audio (%d ms)", async (ms, transcript) => {
  const { results } = await (await client()).unary("Recognize", request(pcm(ms)));
  expect(results).toHaveLength(1);
  expect(results[0]).toMatchObject({ transcript, is_final: true, end_time_us: ms * 1000, detected_language: "en" });
  expect(results[0].words.map((word: { word: string }) => word.word).join(" ")).toBe(transcript);
});

test("Recognize hears something in the shipped sample", async () => {
  const wav = readFileSync(fileURLToPath(new URL("../../config/audio/speech.wav", import.meta.url)));
  const { results } = await (await client()).unary("Recognize", request(wav, { encoding: "wav" }));
  expect(results[0].transcript).not.toBe("");
});

test("Recognize answers no results to silence too short for speech", async () => {
  const { results = [] } = await (await client()).unary("Recognize", request(pcm(50)));
  expect(results).toEqual([]);
});

test.each([
  ["a rate of 0", { sample_rate: 0 }, "sample_rate: expected 1 to 48000, found 0"],
  ["a rate above 48 kHz", { sample_rate: 96_000 }, "found 96000"],
  ["an unknown encoding", { encoding: "opus" }, 'found "opus"'],
])("Recognize refuses %s as INVALID_ARGUMENT", async (_, more, details) => {
  const refused = (await client()).unary("Recognize", request(pcm(400), more));
  await expect(refused).rejects.toMatchObject({ code: 3, details: expect.stringContaining(details) });
});

test("RecognizeStream gives a partial result each half second and a final one of the whole", async () => {
  const chunks = Array.from({ length: 12 }, () => request(pcm(100), { channels: 1 }));
  const { messages, error } = await (await client()).stream("RecognizeStream", chunks);
  expect(error).toBeNull();
  expect(messages.map(({ transcript, is_final = false }) => [transcript, is_final])).toEqual([
    ["the quick", false],
    ["the quick brown", false],
    ["the quick brown", true],
  ]);
});

test("RecognizeStream of no speech ends without a message", async () => {
  const { messages, error } = await (await client()).stream("RecognizeStream", [request(pcm(50))]);
  expect({ messages, error }).toEqual({ messages: [], error: null });
});

test("HealthCheck says healthy", async () => {
  expect(await (await client()).unary("HealthCheck", {})).toMatchObject({ healthy: true });
});

test("a soft error is an OK without results, and a stream's final result without a transcript", async () => {
  const stt = await client({ latency: 0, soft_error_rate: 1 });
  const { results = [] } = await stt.unary("Recognize", request(pcm(1000)));
  expect(results).toEqual([]);
  const { messages } = await stt.stream("RecognizeStream", [request(pcm(1000))]);
  expect(messages).toHaveLength(1);
  expect(messages[0]).toMatchObject({ is_final: true });
  expect(messages[0]).not.toHaveProperty("transcript", expect.stringMatching(/./));
});
