import { describe, expect, it, test } from "vitest";
import { ENDLESS } from "../core/endless.ts";
import { Histogram } from "../core/histogram.ts";
import type { RunResult, WatchedSecond } from "../core/ledger.ts";
import type { Verdict } from "../core/model.ts";
import type { JudgeContext } from "../core/plugin.ts";
import { randomStream } from "../core/random.ts";
import { reading } from "../core/resource.ts";
import { ResourceFold } from "../core/resource_fold.ts";
import type { Snapshot } from "../core/snapshot.ts";
import { Thinning } from "../core/thinning.ts";
import { WatchFold } from "../core/watched.ts";
import { criterion, OPS, phase, runOf } from "./fixture.ts";
import { growth } from "./growth.ts";
import { trendOf } from "./trend.ts";

interface Grown {
  readonly minutes?: number;
  /** Growth over 30 minutes. */
  readonly by: number;
  /** Standard deviation of a second's logarithm. */
  readonly noise?: number;
  readonly ended?: number;
}

/** A value of each second, beginning at 100. */
function values({ minutes = 30, by, noise = 0.05 }: Grown, seed = 1): number[] {
  const random = randomStream(seed, 1);
  const normal = () => Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());
  return Array.from({ length: minutes * 60 }, (_, i) => 100 * (1 + (by * i) / 1800) * Math.exp(noise * normal()));
}

const thinning = () => Thinning.of({ duration: ENDLESS, phases: [] });

function snapshotAt(second: number, latency: number): Snapshot {
  const histogram = new Histogram();
  histogram.record(latency);
  const series = [{ op: 0, phase: 0, counts: [], latency: histogram, service: histogram, metrics: [] }];
  return { from: second * 1000, inFlight: 5, series } as unknown as Snapshot;
}

const second = (p95: number): WatchedSecond => ({ n: 50, failures: 0, inFlight: 5, p95 });

function judge(sentence: string, grown: Grown, more: Partial<RunResult> = {}, context: Partial<JudgeContext> = {}) {
  const { minutes = 30, ended = minutes } = grown;
  const spec = criterion(sentence);
  const series = values(grown).slice(0, ended * 60);
  const { result } = runOf({ phases: [phase("soak", 0, minutes * 60)], criteria: [spec], calls: [] });
  const target = {
    name: "target.memory",
    source: "test",
    unit: "MB" as const,
    t: series.map((_, i) => i + 1),
    values: series,
    mean: 100,
    max: 200,
  };
  const run = { ...result, duration: ended * 60_000, resources: [target], ...more };
  const rest = { baseline: null, watched: series.map(second), generatorHealthy: true, over: true, ...context };
  return growth.judge(spec as never, run, rest)[0]!;
}

describe.each(["p95_growth", "memory_growth"])("%s of 20 an hour at most", (name) => {
  const sentence = `${name} < 20%/h`;

  test.each<[string, Grown, Partial<Verdict>]>([
    ["level", { by: 0 }, { status: "pass", unit: "ratio", limit: 0.2 }],
    ["a little growth", { by: 0.06 }, { status: "pass" }],
    ["a leak", { by: 0.3 }, { status: "fail" }],
    ["shrinking", { by: -0.3 }, { status: "pass" }],
    ["a leak, eight times as long", { by: 0.2, minutes: 240 }, { status: "fail" }],
    ["less than half an hour", { by: 0.3, minutes: 29 }, { status: "unknown" }],
    ["a run that was stopped before", { by: 0.3, minutes: 60, ended: 20 }, { status: "unknown" }],
  ])("judges %s", (_, grown, expected) => expect(judge(sentence, grown)).toMatchObject(expected));

  it("judges a run without an end, in which older seconds are merged", () => {
    const thin = (by: number) => {
      const [watched, memory] = [[] as WatchedSecond[], new ResourceFold(thinning)];
      const past = new WatchFold({ matches: () => true, seconds: watched }, thinning());
      values({ minutes: 240, by }).forEach((value, i) => {
        past.add(snapshotAt(i, value), OPS);
        memory.add(i + 1, [reading("target", "memory", { source: "test", value })]);
      });
      expect(watched.length).toBeLessThan(6000);
      return judge(sentence, { by, minutes: 240 }, { resources: memory.series() }, { watched });
    };
    expect(thin(0)).toMatchObject({ status: "pass" });
    expect(thin(0.2)).toMatchObject({ status: "fail" });
  });

  it("tells the growth an hour and in all", () => {
    const { observed, why } = judge(sentence, { by: 0.3, noise: 0 });
    expect(observed).toBeGreaterThan(0.55);
    expect(observed).toBeLessThan(0.65);
    expect(why).toMatch(/growth an hour [\d.]+ % is over the limit of 20 % \(30 minutes; [\d.]+ % in all\)$/);
  });

  it("is unknown while the run goes on, and where load is not level", () => {
    expect(judge(sentence, { by: 0.3 }, {}, { over: false })).toMatchObject({ status: "unknown" });
    const spec = criterion(sentence);
    const { result } = runOf({ phases: [phase("soak", 0, 1800)], criteria: [spec], calls: [] });
    const flow = { ...result.header.scenario.flows[0]!, segments: [{ start: 0, duration: 1_800_000, from: 1, to: 9 }] };
    const header = { ...result.header, scenario: { ...result.header.scenario, flows: [flow] } };
    expect(judge(sentence, { by: 0 }, { header }).why).toMatch(/load is not level in phase soak/);
  });

  it("is unknown where most of it is not known", () => {
    const verdict = judge(sentence, { by: 0 }, { resources: [] }, { watched: [] });
    expect(verdict).toMatchObject({ status: "unknown" });
    expect(verdict.why).toMatch(/^0 of 30 minutes are known/);
  });

  it("passes no limit that half an hour cannot tell, and says how long to run", () => {
    expect(judge(`${name} < 5%/h`, { by: 0 }).why).toMatch(/run 120 min or longer$/);
    expect(judge(`${name} < 5%/h`, { by: 0 }).status).toBe("unknown");
    expect(judge(`${name} < 5%/h`, { by: 0.4 }).status).toBe("fail");
    expect(judge(`${name} < 5%/h`, { by: 0, minutes: 120 }).status).toBe("pass");
  });
});

it("does not lay a slow generator's growth on the service's latency", () => {
  expect(judge("p95_growth < 20%/h", { by: 0.4 }, {}, { generatorHealthy: false }).status).toBe("unknown");
  expect(judge("memory_growth < 20%/h", { by: 0.4 }, {}, { generatorHealthy: false }).status).toBe("fail");
});

describe("a trend", () => {
  const perMinute = (by: number, seed: number) =>
    values({ by, noise: 0.04 }, seed)
      .filter((_, i) => i % 60 === 0)
      .map(Math.log);

  it("is seen in one of 100 series without one at most, and in nine of ten that grow by 20 %", () => {
    const found = (by: number) =>
      Array.from({ length: 300 }, (_, i) => trendOf(perMinute(by, i))!).filter(({ certain }) => certain).length;
    expect(found(0)).toBeLessThanOrEqual(3);
    expect(found(0.2)).toBeGreaterThanOrEqual(270);
  });

  it("has the slope of a straight line, is none in waves, and needs 15 places", () => {
    expect(trendOf(Array.from({ length: 45 }, (_, i) => i / 45))!.growth).toBeCloseTo(1, 5);
    expect(trendOf(Array.from({ length: 45 }, (_, i) => Math.sin(i)))!.certain).toBe(false);
    expect(trendOf([1, 2, 3])).toBeNull();
  });
});

test.each([
  ["p95_growth < 20%", /expected growth an hour such as 20%\/h, found "20%"/],
  ["memory_growth < 0%/h", /expected growth an hour/],
  ["memory_growth > 20%/h", /expected < or <= after "memory_growth"/],
  ["memory_growth", /expected one of/],
])("%j is refused with what was expected", (text, message) => expect(() => criterion(text)).toThrow(message));
