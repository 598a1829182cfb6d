import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { randomStream } from "../core/random.ts";
import { standInSchema } from "../core/standin.ts";
import { createBehaviour } from "./behaviour.ts";
import { PacedStream } from "./paced.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const behaviour = () => createBehaviour(standInSchema.parse({}), randomStream(1), { shut: () => {}, open: () => {} });

function recording() {
  const seen: string[] = [];
  const begin = Date.now();
  const stamp = (text: string) => seen.push(`${Date.now() - begin} ${text}`);
  return { seen, sink: { cancelled: false, write: stamp, end: () => stamp("end") } };
}

test("the first message comes after the latency, the others a quarter of it apart, then the end", () => {
  const { seen, sink } = recording();
  const stream = new PacedStream<string>(sink, behaviour(), 100);
  stream.push(["a", "b", "c"]);
  stream.end();
  vi.runAllTimers();
  expect(seen).toEqual(["100 a", "125 b", "150 c", "150 end"]);
});

test("a message pushed when all others are gone waits for the latency again", () => {
  const { seen, sink } = recording();
  const stream = new PacedStream<string>(sink, behaviour(), 100);
  stream.push(["a"]);
  vi.advanceTimersByTime(300);
  stream.push(["b"]);
  vi.advanceTimersByTime(300);
  stream.end();
  vi.runAllTimers();
  expect(seen).toEqual(["100 a", "400 b", "700 end"]);
});

test("without latency everything comes at once, however much it is", () => {
  const { seen, sink } = recording();
  const stream = new PacedStream<string>(sink, behaviour(), 0);
  stream.push(Array.from({ length: 50_000 }, () => "x"));
  stream.end();
  expect(seen.length).toBe(50_001);
  expect(vi.getTimerCount()).toBe(0);
});

test("nothing is written to a call that was cancelled", () => {
  const { seen, sink } = recording();
  const stream = new PacedStream<string>(sink, behaviour(), 100);
  stream.push(["a", "b", "c"]);
  stream.end();
  vi.advanceTimersByTime(110);
  sink.cancelled = true;
  vi.runAllTimers();
  expect(seen).toEqual(["100 a"]);
  expect(vi.getTimerCount()).toBe(0);
});
