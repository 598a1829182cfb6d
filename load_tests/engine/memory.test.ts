import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { Histogram } from "../core/histogram.ts";
import type { OpInfo, Phase } from "../core/model.ts";
import { SeriesFold } from "../core/series_fold.ts";
import { COUNTERS, type SeriesDelta } from "../core/snapshot.ts";
import { Recorder } from "./recorder.ts";

const OPS = 100;
const PHASES = 10;
const BLOCK = 10_000;
/** Each in an octave of its own. */
const TIMES = [1, 5, 20, 80, 300];
/** Calls of an endpoint: few would need no octaves. */
const MANY = 50;

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

/** Memory of the histograms' buckets. What one collection finds, the next has given back. */
function buckets(): number {
  for (let i = 0; i < 3; i++) collect();
  return process.memoryUsage().arrayBuffers;
}

const phases = Array.from(
  { length: PHASES },
  (_, i): Phase => ({ name: `${i}`, start: i * BLOCK, duration: BLOCK, measured: true }),
);
const CALL = {
  ...{
    outcome: "ok" as const,
    status: "200",
    message: "",
    sentBytes: 1,
    receivedBytes: 1,
    items: 0,
    first: -1,
    last: -1,
  },
  ...{ values: null, checked: 0, excerpt: () => "" },
};

/** Much more than fits if each left something behind. */
const CALLS = 100_000;
const SLACK_BYTES = 500_000;

/** What each phase adds to the memory, the endpoints of those before still known. */
function growth(play: (op: number, phase: number) => void): number[] {
  const taken = [buckets()];
  for (let phase = 0; phase < PHASES; phase++) {
    for (let op = 0; op < OPS; op++) play(op, phase);
    taken.push(buckets());
  }
  return taken.map((bytes) => bytes - taken[0]!);
}

test("the recorder keeps no histograms of phases that are over", () => {
  const recorder = new Recorder({
    metrics: Array.from({ length: OPS }, () => ({ names: [], first: -1, gap: -1, extra: 0 })),
    phases,
    slos: [],
    gauges: () => ({ users: 0, inFlight: 0, cpu: 0 }),
    flush: () => {},
  });
  const taken = growth((op, phase) => {
    const start = phases[phase]!.start + 500;
    for (let i = 0; i < MANY; i++)
      recorder.add({ ...CALL, op, phase, due: start, start, ended: start + TIMES[i % TIMES.length]! });
  });
  expect(taken[1]).toBeGreaterThan(OPS * TIMES.length * 2000);
  expect(taken.at(-1)).toBeLessThan(2 * taken[1]!);
});

test("the totals of phases that are over are small", () => {
  const fold = new SeriesFold([] as OpInfo[], BLOCK);
  const delta = (op: number, phase: number): SeriesDelta => {
    const [latency, service] = [new Histogram(), new Histogram()];
    for (const time of TIMES) for (const each of [latency, service]) each.record(time);
    return { op, phase, counts: COUNTERS.map(() => 0), latency, service, metrics: [] };
  };
  const taken = growth((op, phase) => fold.add([delta(op, phase)], phase * BLOCK));
  expect(taken[2]).toBeGreaterThan(OPS * TIMES.length * 2000);
  expect(taken.at(-1)).toBeLessThan(2 * taken[2]!);
});

test("the recorder keeps nothing of a call, objectives and metrics of their own included", () => {
  const recorder = new Recorder({
    metrics: Array.from({ length: OPS }, () => ({ names: ["ttfb"], first: -1, gap: -1, extra: 0 })),
    phases: [{ name: "load", start: 0, duration: 1000, measured: true }],
    slos: [{ limits: [{ metric: "latency", limit: 100 }] }],
    gauges: () => ({ users: 0, inFlight: 0, cpu: 0 }),
    flush: () => {},
  });
  const heapAfterMany = (): number => {
    for (let i = 0; i < CALLS; i++) {
      recorder.add({ ...CALL, op: i % OPS, phase: 0, due: 0, start: 0, ended: 1.5 + (i % 900) });
      recorder.metric(i % OPS, 0, 0, 1.5 + (i % 900));
    }
    for (let i = 0; i < 3; i++) collect();
    return process.memoryUsage().heapUsed;
  };
  const before = heapAfterMany();
  expect(heapAfterMany() - before).toBeLessThan(SLACK_BYTES);
});

const LINES = { names: ["ttfb"], first: -1, gap: -1, extra: 0 };

/** A call that is used again and again, as numbers that change. */
class OneCall {
  op = 0;
  phase = 0;
  due = 0.5;
  start = 0.5;
  ended = 0.5;
  readonly outcome = "ok";
  readonly status = "200";
  readonly message = "";
  readonly sentBytes = 80;
  readonly receivedBytes = 160;
  readonly items = 1;
  first = -1.5;
  readonly last = -1.5;
  readonly values = null;
  readonly checked = 1;
  readonly excerpt = (): string => "";
}

/** `count` calls one after the other from `from` on, one each `gap` milliseconds; each takes 1 to 300 ms. */
function play(recorder: Recorder, call: OneCall, { from, count, gap }: { from: number; count: number; gap: number }) {
  for (let i = 0; i < count; i++) {
    call.op = i % ENDPOINTS;
    call.ended = from + i * gap;
    call.due = call.start = call.ended - TIMES[i % TIMES.length]! - 0.25;
    recorder.add(call);
    recorder.metric(call.op, call.phase, 0, call.start - from);
  }
}

const ENDPOINTS = 1000;
const A_PHASE = 100_000;

test("a million calls of a thousand endpoints in ten phases take the memory of the first phase", () => {
  const recorder = new Recorder({
    metrics: Array.from({ length: ENDPOINTS }, () => LINES),
    phases,
    ...{ slos: [], gauges: () => ({ users: 0, inFlight: 0, cpu: 0 }), flush: () => {} },
  });
  const call = new OneCall();
  const taken = phases.map(({ start }, phase) => {
    call.phase = phase;
    play(recorder, call, { from: start + 0.5, count: A_PHASE, gap: (BLOCK - 500) / A_PHASE });
    const kept = buckets();
    return kept + process.memoryUsage().heapUsed;
  });
  expect(taken.at(-1)! - taken[0]!).toBeLessThan(0.05 * taken[0]!);
});

/** Where V8 does not fold a function into its caller, a number on its way in takes 16 bytes: under vitest six of a call's do. */
const NUMBERS_ON_THEIR_WAY = 8 * 16;

test("folding a call allocates no objects", () => {
  const recorder = new Recorder({
    metrics: Array.from({ length: ENDPOINTS }, () => LINES),
    phases: [{ name: "load", start: 0, duration: 1000, measured: true }],
    slos: [{ limits: [{ metric: "latency", limit: 100 }] }],
    gauges: () => ({ users: 0, inFlight: 0, cpu: 0 }),
    flush: () => {},
  });
  const call = new OneCall();
  const allocated = (): number => {
    collect();
    const before = process.memoryUsage().heapUsed;
    play(recorder, call, { from: 0.5, count: CALLS, gap: 0 });
    return (process.memoryUsage().heapUsed - before) / CALLS;
  };
  for (let i = 0; i < 10; i++) allocated();
  expect(Math.min(allocated(), allocated(), allocated())).toBeLessThan(NUMBERS_ON_THEIR_WAY);
});
