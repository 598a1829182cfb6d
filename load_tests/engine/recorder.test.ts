import { describe, expect, test } from "vitest";
import { mergeHistograms } from "../core/histogram.ts";
import type { Phase } from "../core/model.ts";
import { ANSWERS_KEPT, COUNTER, COUNTERS, decodeSnapshot, type Snapshot } from "../core/snapshot.ts";
import { Recorder } from "./recorder.ts";
import type { Sample } from "./sample.ts";

const PHASES: Phase[] = [
  { name: "warm_up", start: 0, duration: 1000, measured: false },
  { name: "load", start: 1000, duration: 9000, measured: true },
];
const PLACES = { names: ["ttft", "inter_token", "connect", "tokens"], first: 0, gap: 1, extra: 2 };
const SLOS = [
  {
    limits: [
      { metric: "latency", limit: 100 },
      { metric: "ttft", limit: 50 },
    ],
  },
];

function recording() {
  const snapshots: Snapshot[] = [];
  const recorder = new Recorder({
    metrics: [PLACES, { names: [], first: -1, gap: -1, extra: 0 }],
    phases: PHASES,
    slos: SLOS,
    gauges: () => ({ users: 1, inFlight: 0, cpu: 0 }),
    flush: ({ bytes, beside, late }) => snapshots.push({ ...decodeSnapshot(bytes, beside), late }),
  });
  return { recorder, snapshots };
}

const sample = (changes: Partial<Sample>): Sample => ({
  ...{
    op: 0,
    phase: 1,
    due: 1000,
    start: 1001,
    ended: 1021,
    outcome: "ok",
    status: "200",
    message: "",
    sentBytes: 10,
    receivedBytes: 20,
  },
  ...{ items: 0, first: -1, last: -1, values: null, checked: 0, excerpt: () => "" },
  ...changes,
});

const counter = (snapshots: readonly Snapshot[], index: number) =>
  snapshots.flatMap(({ series }) => series).reduce((sum, { counts }) => sum + counts[index]!, 0);

describe("the recorder", () => {
  test("flushes whole seconds, empty ones too, and counts a call in the second of its end", () => {
    const { recorder, snapshots } = recording();
    recorder.add(sample({ ended: 3500 }));
    recorder.finish(4200);
    expect(snapshots.map(({ from, series }) => [from, series.length])).toEqual([
      [0, 0],
      [1000, 0],
      [2000, 0],
      [3000, 1],
    ]);
    expect(counter(snapshots, COUNTER["received-bytes"])).toBe(20);
  });

  test("latency runs from the due, or from the send where that was early; service time from the send", () => {
    const { recorder, snapshots } = recording();
    recorder.add(sample({ due: 1000, start: 1040, ended: 1100 }));
    recorder.add(sample({ due: 1000.4, start: 1000, ended: 1060 }));
    recorder.finish(2000);
    const [series] = snapshots[1]!.series;
    expect([series!.latency.min, series!.latency.max]).toEqual([60, 100]);
    expect(series!.service.max).toBe(60);
  });

  test("lateness is of measured phases only, and never negative", () => {
    const { recorder, snapshots } = recording();
    recorder.add(sample({ phase: 0, due: 0, start: 500, ended: 600 }));
    recorder.add(sample({ due: 1000.4, start: 1000, ended: 1060 }));
    recorder.finish(2000);
    const lateness = mergeHistograms(snapshots.map((each) => each.lateness));
    expect([lateness.count, lateness.max]).toEqual([1, 0]);
  });

  test("the first item, gaps and extra metrics each have their place", () => {
    const { recorder, snapshots } = recording();
    recorder.advance(1000);
    recorder.metric(0, 1, PLACES.gap, 7);
    recorder.metric(0, 1, PLACES.extra, 3);
    recorder.metric(0, 1, PLACES.extra + 1, 42);
    recorder.add(sample({ first: 1011, last: 1018, items: 2 }));
    recorder.metric(1, 1, -1, 5);
    recorder.finish(2000);
    const [series] = snapshots[1]!.series;
    expect(series!.metrics.map((metric) => metric.max)).toEqual([11, 7, 3, 42]);
  });

  test("an objective counts the calls that are ok and meet every limit", () => {
    const { recorder, snapshots } = recording();
    const met = COUNTERS.length;
    recorder.add(sample({ first: 1010, last: 1010, items: 1 }));
    recorder.add(sample({ first: 1080, last: 1080, items: 1, ended: 1090 }));
    recorder.add(sample({ ended: 1020 }));
    recorder.add(sample({ op: 1, ended: 1020 }));
    recorder.add(sample({ op: 1, ended: 1200 }));
    recorder.add(sample({ op: 1, outcome: "server-error", ended: 1020 }));
    recorder.finish(2000);
    expect(counter(snapshots, met)).toBe(2);
  });

  test("cut calls are counted and not timed", () => {
    const { recorder, snapshots } = recording();
    recorder.add(sample({ outcome: "aborted" }));
    recorder.finish(2000);
    expect(counter(snapshots, COUNTER.aborted)).toBe(1);
    expect(snapshots[1]!.series[0]!.latency.count).toBe(0);
    expect(snapshots[1]!.failures).toEqual([]);
  });

  test("an unsent call counts in the second of its due, also when that was told already", () => {
    const { recorder, snapshots } = recording();
    recorder.advance(5000);
    recorder.unsent(0, 1, 2500, "late");
    recorder.unsent(0, 1, 5100, "limit");
    recorder.finish(5500);
    const told = snapshots.filter(({ series }) => series.length > 0).map(({ from, late }) => [from, late]);
    expect(told).toEqual([
      [5000, false],
      [2000, true],
    ]);
    expect(counter(snapshots, COUNTER["unsent-late"])).toBe(1);
    expect(counter(snapshots, COUNTER["unsent-limit"])).toBe(1);
  });

  test("a call that was held back counts in the second in which it ended, also when that was told already", () => {
    const { recorder, snapshots } = recording();
    recorder.advance(3000);
    recorder.add(sample({ start: 1900, due: 1900, ended: 1950 }));
    recorder.add(sample({ start: 3000, due: 3000, ended: 3020 }));
    recorder.finish(3500);
    const told = snapshots.filter(({ series }) => series.length > 0);
    expect(told.map(({ from, late }) => [from, late])).toEqual([
      [3000, false],
      [1000, true],
    ]);
    expect(told.map(({ series }) => series[0]!.latency.max)).toEqual([20, 50]);
  });

  test("failures fold by kind, and the first answers of a kind are kept over the whole run", () => {
    const { recorder, snapshots } = recording();
    let n = 0;
    for (const ended of [1100, 1200, 2100, 2200, 2300, 2400, 2500])
      recorder.add(
        sample({ outcome: "server-error", status: "503", message: "down", ended, excerpt: () => `answer ${n++}` }),
      );
    recorder.finish(3000);
    const failures = snapshots.flatMap((each) => each.failures);
    expect(failures.map(({ count, first, last }) => [count, first, last])).toEqual([
      [2, 1100, 1200],
      [5, 2100, 2500],
    ]);
    expect(failures.flatMap(({ answers }) => answers)).toEqual(
      Array.from({ length: ANSWERS_KEPT }, (_, i) => `answer ${i}`),
    );
    expect(n).toBe(ANSWERS_KEPT);
  });

  test("a server that says something new each time does not fill the memory", () => {
    const { recorder, snapshots } = recording();
    for (let i = 0; i < 1000; i++) recorder.add(sample({ outcome: "server-error", status: "500", message: `id ${i}` }));
    recorder.finish(2000);
    const { failures } = snapshots[1]!;
    expect(failures.length).toBe(101);
    expect(failures.find(({ message }) => message === "(other messages)")!.count).toBe(900);
  });

  test("the slowest calls of each second are kept, slowest first", () => {
    const { recorder, snapshots } = recording();
    for (const took of [30, 500, 20, 400, 10, 300, 200, 100])
      recorder.add(sample({ due: 1000, start: 1000, ended: 1000 + took }));
    recorder.finish(2000);
    expect(snapshots[1]!.slowest.map(({ latency }) => latency)).toEqual([500, 400, 300, 200, 100]);
  });
});

describe("objectives over values that calls tell", () => {
  const metBy = (limit: { metric: string; limit: number; over?: true }, changes: Partial<Sample>): boolean => {
    const snapshots: Snapshot[] = [];
    const recorder = new Recorder({
      ...{ metrics: [PLACES], phases: PHASES, slos: [{ limits: [limit] }] },
      gauges: () => ({ users: 1, inFlight: 0, cpu: 0 }),
      flush: ({ bytes, beside, late }) => snapshots.push({ ...decodeSnapshot(bytes, beside), late }),
    });
    expect(recorder.asksValues).toEqual([true]);
    recorder.add(sample(changes));
    recorder.finish(2000);
    return counter(snapshots, COUNTERS.length) === 1;
  };
  const told = (connect?: number, tokens?: number) => {
    const values: number[] = [];
    if (connect !== undefined) values[2] = connect;
    if (tokens !== undefined) values[3] = tokens;
    return { values };
  };

  test.each([
    ["under its limit", told(5), true],
    ["at its limit", told(10), false],
    ["over its limit", told(50), false],
    ["that the call had no cause to give", told(), true],
    ["of a call that failed", { ...told(5), outcome: "reset" as const }, false],
  ])("a value %s: %j, %s", (_, changes, met) => {
    expect(metBy({ metric: "connect", limit: 10 }, changes)).toBe(met);
  });

  test.each([
    [20, false],
    [21, true],
  ])("%d tokens where more than 20 are asked: %s", (tokens, met) => {
    expect(metBy({ metric: "tokens", limit: 20, over: true }, told(5, tokens))).toBe(met);
  });

  test("are not kept where no objective asks for them", () => {
    expect(recording().recorder.asksValues).toEqual([false, false]);
  });

  test("unsent calls of earlier seconds are told within two minutes, in their seconds", () => {
    const { recorder, snapshots } = recording();
    for (let second = 5; second < 300; second++) {
      recorder.advance(second * 1000);
      recorder.unsent(0, 1, second * 1000 - 4500, "limit");
    }
    const late = snapshots.filter((snapshot) => snapshot.late);
    expect(late.length).toBeGreaterThan(200);
    recorder.finish(300_000);
    const told = snapshots.filter((snapshot) => snapshot.late).map(({ from }) => from / 1000);
    expect(told).toEqual(Array.from({ length: 295 }, (_, i) => i));
    expect(counter(snapshots, COUNTER["unsent-limit"])).toBe(295);
  });
});
