import { describe, expect, it } from "vitest";
import { ByteReader } from "./bytes.ts";
import { ENDLESS } from "./endless.ts";
import { Histogram, mergeHistograms } from "./histogram.ts";
import { Ledger, type WatchedSecond } from "./ledger.ts";
import type { Ms, OpInfo, RunHeader } from "./model.ts";
import { spanOf } from "./past.ts";
import { reading } from "./resource.ts";
import { SeriesFold } from "./series_fold.ts";
import { COUNTER, COUNTERS, type SeriesDelta, type Snapshot } from "./snapshot.ts";

const OP = { service: "api", name: "GET /", protocol: "rest", method: "GET", metrics: [] } as unknown as OpInfo;
const SECONDS = 3 * 3600;

const histogramOf = (values: readonly number[]): Histogram => {
  const histogram = new Histogram();
  for (const value of values) histogram.record(value);
  return histogram;
};

/** A second's calls: as many as differ from those of its neighbours, one of them failed. */
const latencies = (second: number): number[] =>
  Array.from({ length: 1 + (second % 7) }, (_, i) => 1 + ((second * 37 + i * 11) % 1000));

function deltaOf(second: number): SeriesDelta {
  const counts = COUNTERS.map(() => 0);
  counts[COUNTER.ok] = latencies(second).length - 1;
  counts[COUNTER.timeout] = 1;
  counts[COUNTER.unsent] = second % 2;
  counts[COUNTER["received-bytes"]] = 5;
  const [latency, service] = [histogramOf(latencies(second)), histogramOf(latencies(second))];
  return { op: 0, phase: 0, counts, latency, service, metrics: [] };
}

const snapshotOf = (second: number): Snapshot => ({
  ...{ from: second * 1000, to: second * 1000 + 1000, users: second, inFlight: 2, failures: [], slowest: [] },
  ...{ series: [deltaOf(second)], lateness: new Histogram(), loopDelay: new Histogram(), cpu: second % 90 },
});

function ledgerOf(duration: Ms, seconds: WatchedSecond[] = []) {
  const phases = [{ name: "level", start: 0, duration, measured: true }];
  const scenario = { name: "s", duration, phases, flows: [], notices: [] };
  const header = { ops: [OP], scenario } as unknown as RunHeader;
  const ledger = new Ledger(header, [{ matches: () => true, seconds }]);
  for (let second = 0; second < SECONDS; second++) {
    ledger.add(snapshotOf(second));
    ledger.resources(second + 1, [reading("target", "memory", { source: "test", value: second % 100 })]);
  }
  return { ledger, seconds, result: ledger.result("stopped", SECONDS * 1000, "") };
}

describe("a run without an end", () => {
  const finite = ledgerOf(SECONDS * 1000);
  const endless = ledgerOf(ENDLESS);

  it("has the totals of one that ends, and fewer seconds", () => {
    const { series, cpu } = endless.result;
    expect(series.map(({ counts }) => counts)).toEqual(finite.result.series.map(({ counts }) => counts));
    for (const p of [0.5, 0.95, 0.999])
      expect(series[0]!.latency.percentile(p)).toBe(finite.result.series[0]!.latency.percentile(p));
    expect(cpu.max).toBe(finite.result.cpu.max);
    expect(cpu.mean).toBe(finite.result.cpu.mean);
    expect(endless.result.seconds.length).toBeLessThan(5600);
  });

  it("merges seconds into what they come to together", () => {
    for (const second of endless.result.seconds) {
      const inside = Array.from({ length: spanOf(second) }, (_, i) => second.t - 1 - i);
      const calls = histogramOf(inside.flatMap(latencies));
      expect(second).toMatchObject({
        users: second.t - 1,
        requests: calls.count,
        failures: inside.length,
        unsent: inside.filter((each) => each % 2 === 1).length,
        p50: calls.percentile(0.5),
        p95: calls.percentile(0.95),
        p99: calls.percentile(0.99),
      });
      expect(second.soFar).toEqual(finite.result.seconds[second.t - 1]!.soFar);
    }
  });

  it("knows of what it used the mean, the least and the most", () => {
    const of = ({ result }: typeof endless) => result.resources.find(({ name }) => name === "target.memory")!;
    const [known, whole] = [of(endless), of(finite)];
    expect(known).toMatchObject({ mean: whole.mean, max: whole.max });
    const { n, low, high } = known.merged!;
    expect(n.reduce((a, b) => a + b, 0)).toBe(SECONDS);
    known.t.forEach((t, i) => {
      const inside = whole.values.slice(t - n[i]!, t);
      expect([low[i], high[i]]).toEqual([Math.min(...inside), Math.max(...inside)]);
      expect(known.values[i]).toBeCloseTo(inside.reduce((a, b) => a + b, 0) / inside.length, 9);
    });
  });

  it("follows a scope by seconds at first, and later by minutes with the median of their p95", () => {
    const { seconds } = endless;
    expect(seconds.slice(0, 3600)).toEqual(finite.seconds.slice(0, 3600));
    const inside = finite.seconds.slice(3600, 3660).map(({ p95 }) => p95!);
    const median = inside.toSorted((a, b) => a - b)[29];
    expect(seconds[3600]).toMatchObject({ span: 60, failures: 60, p95: median });
  });

  it("counts what is found late in the stretch that it fell due in", () => {
    const { ledger } = ledgerOf(ENDLESS);
    const before = ledger.seconds.find(({ t }) => t === 3660)!.unsent;
    ledger.add({ ...snapshotOf(3601), late: true });
    expect(ledger.seconds.find(({ t }) => t === 3660)!.unsent).toBe(before + 1);
  });
});

describe("blocks without an end to their number", () => {
  it("grow longer, and still merge to the whole", () => {
    const fold = new SeriesFold([OP], 10_000);
    for (let second = 0; second < 20_000; second++) fold.add([deltaOf(second)], second * 1000);
    const blocks = fold.blocks();
    expect(blocks.length).toBeLessThanOrEqual(360);
    expect(new Set(blocks.map(({ from, to }) => to - from))).toEqual(new Set([80_000]));
    expect(blocks.map(({ from }) => from)).toEqual(blocks.map((_, i) => i * 80_000));
    const read = (bytes: Uint8Array) => Histogram.read(new ByteReader(bytes));
    const whole = mergeHistograms(blocks.flatMap(({ series }) => series.map(({ latency }) => read(latency))));
    const [total] = fold.wholes();
    expect(whole.count).toBe(total!.latency.count);
    for (const p of [0.1, 0.5, 0.99]) expect(whole.percentile(p)).toBe(total!.latency.percentile(p));
    const tenth = read(blocks[9]!.series[0]!.service);
    expect(tenth.count).toBe(Array.from({ length: 80 }, (_, i) => latencies(720 + i).length).reduce((a, b) => a + b));
  });
});
