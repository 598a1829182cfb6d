import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ByteReader } from "./bytes.ts";
import { Histogram, mergeHistograms } from "./histogram.ts";
import { blockLength, Ledger, sumSeries, type WatchedSecond } from "./ledger.ts";
import type { OpInfo, Outcome, RunHeader, Scenario } from "./model.ts";
import {
  COUNTER,
  COUNTERS,
  type FailureCount,
  failuresOf,
  requestsOf,
  type SeriesDelta,
  type Snapshot,
} from "./snapshot.ts";

const op = (name: string): OpInfo => ({
  service: "api",
  name,
  protocol: "rest",
  method: "GET",
  metrics: [{ name: "ttft", unit: "ms" }],
});

const header = (duration = 60_000): RunHeader => ({
  format: 1,
  runId: "r",
  startedAt: "2024-01-01T00:00:00.000Z",
  scenario: {
    name: "s",
    duration,
    flows: [],
    notices: [{ kind: "embedded", text: "api is a stand-in" }],
  } as unknown as Scenario,
  environment: {
    tenfold: "0",
    node: "v20",
    os: "linux",
    cpus: 1,
    memory_bytes: 1,
    git_sha: null,
    git_branch: null,
    ci: null,
  },
  ops: [op("a"), op("b")],
  reports: {
    outputDir: "",
    formats: [],
    charts: false,
    comparisonBaseline: "",
    keep: null,
    percentiles: [],
    throughputWindow: 0,
  },
  workers: 1,
});

const histogramOf = (values: readonly number[]): Histogram => {
  const histogram = new Histogram();
  for (const value of values) histogram.record(value);
  return histogram;
};

interface Calls {
  op?: number;
  phase?: number;
  outcomes?: Partial<Record<Outcome, number>>;
  latencies?: readonly number[];
}

function seriesOf({ op = 0, phase = 0, outcomes = {}, latencies = [] }: Calls): SeriesDelta {
  const counts = COUNTERS.map(() => 0);
  for (const [outcome, n] of Object.entries(outcomes)) counts[COUNTER[outcome as Outcome]] = n;
  counts[COUNTER["received-bytes"]] = 10 * latencies.length;
  const latency = histogramOf(latencies);
  return { op, phase, counts, latency, service: histogramOf(latencies), metrics: [histogramOf(latencies)] };
}

const snapshotOf = (second: number, calls: readonly Calls[], more: Partial<Snapshot> = {}): Snapshot => ({
  from: second * 1000,
  to: second * 1000 + 1000,
  users: 5,
  inFlight: 2,
  series: calls.map(seriesOf),
  failures: [],
  slowest: [],
  lateness: histogramOf([0.1]),
  loopDelay: histogramOf([1]),
  cpu: 50,
  ...more,
});

const calls: fc.Arbitrary<Calls> = fc.record({
  op: fc.nat(1),
  phase: fc.nat(2),
  outcomes: fc.record({ ok: fc.nat(9), timeout: fc.nat(3), aborted: fc.nat(3), unsent: fc.nat(3), limited: fc.nat(3) }),
  latencies: fc.array(fc.double({ min: 0.01, max: 1e4, noNaN: true }), { maxLength: 6 }),
});
const run = fc.array(fc.array(calls, { maxLength: 3 }), { minLength: 1, maxLength: 45 });

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);
const resultOf = (seconds: readonly (readonly Calls[])[]) => {
  const ledger = new Ledger(header());
  seconds.forEach((each, i) => {
    ledger.add(snapshotOf(i, each));
  });
  return ledger.result("completed", seconds.length * 1000, "2024-01-01T00:01:00.000Z");
};

describe("totals", () => {
  it("are the sum of the seconds and of the series", () => {
    fc.assert(
      fc.property(run, (seconds) => {
        const { series, seconds: told } = resultOf(seconds);
        const given = seconds.flat().map(seriesOf);
        const all = sumSeries(series);
        expect(all.counts).toEqual(COUNTERS.map((_, i) => sum(given.map(({ counts }) => counts[i]!))));
        expect(sum(told.map((second) => second.requests))).toBe(requestsOf(all.counts));
        expect(sum(told.map((second) => second.failures))).toBe(failuresOf(all.counts));
        for (const second of told) expect(sum(second.failed)).toBe(second.failures);
        expect(sum(told.map((second) => second.ok))).toBe(all.counts[COUNTER.ok]);
        expect(sum(told.map((second) => second.aborted))).toBe(all.counts[COUNTER.aborted]);
        expect(sum(told.map((second) => second.unsent))).toBe(all.counts[COUNTER.unsent]);
        expect(all.latency.count).toBe(sum(given.map(({ latency }) => latency.count)));
      }),
      { numRuns: 40 },
    );
  });

  it("are kept apart by endpoint and phase", () => {
    const { series } = resultOf([
      [
        { op: 0, phase: 0 },
        { op: 1, phase: 0 },
      ],
      [
        { op: 0, phase: 1 },
        { op: 0, phase: 0 },
      ],
    ]);
    expect(series.map(({ op, phase, info }) => [op, phase, info.name])).toEqual([
      [0, 0, "a"],
      [1, 0, "b"],
      [0, 1, "a"],
    ]);
  });

  it("hold metrics, lateness and loop delay of all seconds", () => {
    const { series, lateness, loopDelay } = resultOf([[{ latencies: [1, 2] }], [{ latencies: [3] }]]);
    expect(series[0]?.metrics[0]?.count).toBe(3);
    expect([lateness.count, loopDelay.count]).toEqual([2, 2]);
  });

  it("leave the snapshots as they were", () => {
    const ledger = new Ledger(header());
    const first = snapshotOf(0, [{ outcomes: { ok: 1 }, latencies: [1] }]);
    const before = structuredClone(first);
    ledger.add(first);
    ledger.add(snapshotOf(1, [{ outcomes: { ok: 1 }, latencies: [2] }]));
    expect(structuredClone(first)).toEqual(before);
  });

  it("of no series at all are zero", () => {
    expect(requestsOf(sumSeries([]).counts)).toBe(0);
    expect(sumSeries([]).latency.count).toBe(0);
  });
});

describe("a second", () => {
  it("ends where its number says and has its own percentiles and those of the last ten", () => {
    const { seconds } = resultOf(Array.from({ length: 15 }, (_, i) => [{ outcomes: { ok: 1 }, latencies: [i + 1] }]));
    expect(seconds.map(({ t }) => t)).toEqual(Array.from({ length: 15 }, (_, i) => i + 1));
    expect(seconds[14]?.p50).toBeCloseTo(15, 1);
    expect(seconds[14]?.window[0]).toBeCloseTo(10, 1);
    expect(seconds[14]?.window.at(-1)).toBe(15);
    expect(seconds[14]?.soFar).toMatchObject({ min: 1, max: 15, mean: 8, received: 150 });
    expect([seconds[0]?.users, seconds[0]?.inFlight, seconds[0]?.cpu]).toEqual([5, 2, 50]);
  });

  it("without calls has no percentiles", () => {
    const { seconds } = resultOf([[], [{ latencies: [1] }]]);
    expect(seconds[0]?.p95).toBeUndefined();
    expect(seconds[0]?.window).toEqual([]);
  });

  it("that is corrected later counts what was added and keeps the rest", () => {
    const ledger = new Ledger(header());
    ledger.add(snapshotOf(0, [{ outcomes: { ok: 2 }, latencies: [10, 20] }]));
    ledger.add(snapshotOf(1, [{ outcomes: { ok: 1 }, latencies: [30] }]));
    ledger.add(snapshotOf(0, [{ outcomes: { unsent: 3 } }], { late: true, users: 0, inFlight: 0, cpu: 0 }));
    const { seconds, series } = ledger.result("completed", 2000, "");
    expect(seconds).toHaveLength(2);
    expect(seconds[0]).toMatchObject({ requests: 2, unsent: 3, users: 5, inFlight: 2, cpu: 50 });
    expect(seconds[0]?.p50).toBeCloseTo(10, 1);
    expect(series[0]?.counts[COUNTER.unsent]).toBe(3);
  });
});

describe("blocks", () => {
  it.each([
    [0, 10_000],
    [60_000, 10_000],
    [1_800_000, 10_000],
    [3_600_000, 20_000],
    [28_800_000, 160_000],
  ])("of a run of %d ms are %d ms long", (duration, length) => expect(blockLength(duration)).toBe(length));

  const bucketsOf = (histogram: Histogram): number[][] => {
    const buckets: number[][] = [];
    histogram.forEach((bucket, count) => {
      buckets.push([bucket, count]);
    });
    return buckets;
  };

  it("merge to the whole, in order and without gaps that hold calls", () => {
    fc.assert(
      fc.property(run, (seconds) => {
        const { blocks, series } = resultOf(seconds);
        for (const { op, phase, latency, service } of series) {
          const parts = blocks.flatMap((block) =>
            block.series.filter((each) => each.op === op && each.phase === phase),
          );
          const read = (bytes: Uint8Array) => Histogram.read(new ByteReader(bytes));
          const whole = mergeHistograms(parts.map((part) => read(part.latency)));
          expect(bucketsOf(whole)).toEqual(bucketsOf(latency));
          expect(mergeHistograms(parts.map((part) => read(part.service))).count).toBe(service.count);
        }
        blocks.forEach(({ from, to }, i) => {
          expect(to - from).toBe(10_000);
          expect(from % 10_000).toBe(0);
          if (i > 0) expect(from).toBeGreaterThanOrEqual(blocks[i - 1]!.to);
        });
      }),
      { numRuns: 40 },
    );
  });

  it("hold the calls that ended within them", () => {
    const { blocks } = resultOf(Array.from({ length: 25 }, () => [{ latencies: [1] }]));
    const counts = blocks.map(({ series }) => Histogram.read(new ByteReader(series[0]!.latency)).count);
    expect(counts).toEqual([10, 10, 5]);
  });
});

describe("failures", () => {
  const failure = (more: Partial<FailureCount>): FailureCount => ({
    op: 0,
    phase: 0,
    outcome: "timeout",
    status: "504",
    message: "m",
    count: 1,
    answers: [],
    first: 500,
    last: 500,
    ...more,
  });

  it("of one kind are one, from the first to the last; of another kind another", () => {
    const ledger = new Ledger(header());
    const one = failure({ count: 2, first: 100, last: 200 });
    ledger.add(snapshotOf(0, [], { failures: [one, failure({ status: "408" })] }));
    ledger.add(
      snapshotOf(1, [], { failures: [failure({ count: 3, first: 1100, last: 1900 }), failure({ message: "n" })] }),
    );
    const { failures } = ledger.result("completed", 2000, "");
    expect(failures).toHaveLength(3);
    expect(failures[0]).toEqual(failure({ count: 5, first: 100, last: 1900 }));
    expect(one.count).toBe(2);
  });
});

describe("a watched scope", () => {
  it("is followed second by second, over its endpoints and no others", () => {
    const seconds: WatchedSecond[] = [];
    const ledger = new Ledger(header(), [{ matches: ({ name }) => name === "a", seconds }]);
    ledger.add(
      snapshotOf(0, [
        { op: 0, outcomes: { ok: 1, timeout: 1 }, latencies: [5, 50] },
        { op: 1, latencies: [900] },
      ]),
    );
    ledger.add(snapshotOf(2, [{ op: 1, latencies: [900] }], { inFlight: 7 }));
    expect(seconds).toHaveLength(3);
    expect(seconds[0]).toMatchObject({ n: 2, failures: 1, inFlight: 2 });
    expect(seconds[0]?.p95).toBeCloseTo(50, 0);
    expect(seconds[1]).toEqual({ n: 0, failures: 0, inFlight: 0 });
    expect(seconds[2]).toEqual({ n: 0, failures: 0, inFlight: 7 });
  });
});

describe("a result", () => {
  it("tells the end, the notices of the plan and of the run, and the processor's use", () => {
    const ledger = new Ledger(header());
    ledger.notice({ kind: "cut-at-end", text: "2 calls were cut" });
    ledger.add(snapshotOf(0, [], { cpu: 20 }));
    ledger.add(snapshotOf(1, [], { cpu: 60 }));
    const result = ledger.result("stopped", 1500, "2024-01-01T00:00:02.000Z");
    expect(result).toMatchObject({ ended: "stopped", duration: 1500, cpu: { mean: 40, max: 60 } });
    expect(result.notices.map(({ kind }) => kind)).toEqual(["embedded", "cut-at-end"]);
  });

  it("may be asked for while the run goes on, and again at its end", () => {
    const ledger = new Ledger(header());
    for (let second = 0; second < 12; second++) ledger.add(snapshotOf(second, [{ latencies: [1] }]));
    expect(ledger.result("completed", 12_000, "").blocks).toHaveLength(2);
    for (let second = 12; second < 20; second++) ledger.add(snapshotOf(second, [{ latencies: [1] }]));
    const { blocks } = ledger.result("completed", 20_000, "");
    const counts = blocks.map(({ series }) => Histogram.read(new ByteReader(series[0]!.latency)).count);
    expect(counts).toEqual([10, 10]);
  });

  it("of a very long run is had too", () => {
    const ledger = new Ledger(header(0));
    const empty = snapshotOf(0, []);
    for (let second = 0; second < 130_000; second++)
      ledger.add({ ...empty, from: second * 1000, cpu: second === 0 ? 99 : 1 });
    expect(ledger.result("stopped", 130_000_000, "").cpu.max).toBe(99);
  });
});
