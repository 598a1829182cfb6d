import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Flow, Segment } from "../core/model.ts";
import { areaBetween, arrivalsOf, expectedArrivals, levelAt, presencesOf } from "../core/schedule.ts";
import { errorOf, problemsOf, scenarioOf } from "./fixtures_plan.ts";
import { type Canvas, pieces, scaled, shapeSegments, topOf } from "./shape.ts";
import type { Shape } from "./shape_schema.ts";

const canvas = (rest: Partial<Canvas> = {}): Canvas => ({
  ...{ duration: 60_000, before: 0, whole: false, stream: [1, 0] },
  ...rest,
});
const level = fc.integer({ min: 0, max: 1000 });
const time = fc.integer({ min: 100, max: 60_000 });
const shape: fc.Arbitrary<Shape> = fc.oneof(
  fc
    .record({ mean: level, share: fc.double({ min: 0, max: 1, noNaN: true }), period: time })
    .map(({ mean, share, period }) => ({ sine: { mean, amplitude: mean * share, period } })),
  fc.record({ start: level, step: fc.integer({ min: -50, max: 50 }), every: time }).map((steps) => ({ steps })),
  fc
    .array(fc.tuple(fc.nat(90_000), level), { minLength: 2, maxLength: 20 })
    .map((points) => ({ points: points.sort(([a], [b]) => a - b) })),
  fc
    .record({ low: level, start: level, high: level, step: fc.integer({ min: 1, max: 50 }), every: time })
    .map(({ low, start, high, ...rest }) => {
      const [min, middle, max] = [low, start, high].sort((a, b) => a - b) as [number, number, number];
      return { random_walk: { ...rest, min, start: middle, max } };
    }),
  fc
    .record({
      times: fc.integer({ min: 1, max: 5 }),
      phases: fc.array(fc.record({ rate: fc.oneof(level, fc.record({ to: level })), duration: time }), {
        minLength: 1,
        maxLength: 4,
      }),
    })
    .map((repeat) => ({ repeat })),
);

/** Area under the segments in level-seconds. */
const area = (segments: readonly Segment[]): number => areaBetween(segments, 0, Number.MAX_SAFE_INTEGER);

describe("A shape", () => {
  it("fills its duration without gaps, is never below 0 and never above its top", () => {
    fc.assert(
      fc.property(shape, time, (of, duration) => {
        const segments = shapeSegments(of, canvas({ duration }));
        let end = 0;
        for (const each of segments) {
          expect(each.start).toBeCloseTo(end, 6);
          expect(each.duration).toBeGreaterThan(0);
          expect(Math.min(each.from, each.to)).toBeGreaterThanOrEqual(0);
          expect(Math.max(each.from, each.to)).toBeLessThanOrEqual(topOf(of, duration) * (1 + 1e-9) + 1e-9);
          end = each.start + each.duration;
        }
        expect(end).toBeCloseTo(duration, 6);
        expect(segments.length).toBeLessThanOrEqual(pieces(of, duration) + 3);
      }),
      { numRuns: 30 },
    );
  });

  it("gives shares that sum to the whole, and as many arrivals as its area", () => {
    fc.assert(
      fc.property(shape, fc.integer({ min: 1, max: 4 }), (of, shares) => {
        const segments = shapeSegments(of, canvas({ duration: 1000 }));
        const flow: Flow = { drive: "arrivals", arrivals: "even", segments, think: { min: 0, max: 0 } };
        const dues = Array.from({ length: shares }, (_, index) => {
          const next = arrivalsOf(flow, 1, 0, { index, of: shares });
          const list: number[] = [];
          for (let each = next(); each !== undefined; each = next()) list.push(each.index);
          return list;
        });
        const all = dues.flat().sort((a, b) => a - b);
        expect(all).toEqual(all.map((_, i) => i));
        expect(Math.abs(all.length - expectedArrivals(segments))).toBeLessThan(1 + 1e-6);
      }),
      { numRuns: 25 },
    );
  });

  it("has users for as long as its area says", () => {
    fc.assert(
      fc.property(shape, (of) => {
        const segments = shapeSegments(scaled(of, (x) => x / 20) as Shape, canvas({ duration: 10_000 }));
        const users = Math.ceil(Math.max(...segments.flatMap(({ from, to }) => [from, to])));
        let seconds = 0;
        for (let k = 0; k < users; k++)
          for (const { from, to } of presencesOf(segments, k)) seconds += (to - from) / 1000;
        expect(seconds).toBeGreaterThan(area(segments) - 1e-3);
        expect(seconds - area(segments)).toBeLessThanOrEqual(10 + 1e-3);
      }),
      { numRuns: 25 },
    );
  });

  it("times a factor is the same shape at another height", () => {
    fc.assert(
      fc.property(shape, fc.double({ min: 0.1, max: 10, noNaN: true }), (of, factor) => {
        const once = shapeSegments(of, canvas());
        const more = shapeSegments(scaled(of, (x) => x * factor) as Shape, canvas());
        expect(area(more)).toBeCloseTo(area(once) * factor, 3);
      }),
    );
  });
});

describe("A sine", () => {
  const of = { sine: { mean: 100, amplitude: 50, period: 60_000 } };

  it("is off the curve by at most 0.13 % of its amplitude, anywhere, and exact over whole periods", () => {
    const segments = shapeSegments(of, canvas({ duration: 600_000 }));
    for (let t = 0; t < 120_000; t += 37) {
      const exact = 100 + 50 * Math.sin((2 * Math.PI * t) / 60_000);
      expect(Math.abs(levelAt(segments, t) - exact)).toBeLessThan(0.0013 * 50);
    }
    expect(area(segments)).toBeCloseTo(600 * 100, 3);
    const half = areaBetween(segments, 0, 30_000) - 3000;
    expect(half / ((50 * 60) / Math.PI)).toBeGreaterThan(1 - 0.00085);
    expect(half / ((50 * 60) / Math.PI)).toBeLessThan(1);
  });
});

describe("A random walk", () => {
  const walk = { random_walk: { start: 50, step: 10, every: 1000, min: 20, max: 80 } };
  const levels = (stream: [number, number], whole = false) =>
    shapeSegments(walk, canvas({ duration: 500_000, stream, whole })).map(({ from }) => from);

  it("comes from the seed, stays in its bounds and moves by a step at most", () => {
    const found = levels([1, 0]);
    expect(found).toEqual(levels([1, 0]));
    expect(found).not.toEqual(levels([2, 0]));
    expect(found).not.toEqual(levels([1, 1]));
    expect([Math.min(...found) >= 20, Math.max(...found) <= 80, found[0]]).toEqual([true, true, 50]);
    expect(found.slice(1).every((each, i) => Math.abs(each - found[i]!) <= 10)).toBe(true);
    expect(Math.max(...found) - Math.min(...found)).toBeGreaterThan(40);
  });

  it("of users is of whole users", () => {
    expect(levels([1, 0], true).every(Number.isInteger)).toBe(true);
  });
});

describe("A scenario", () => {
  const segmentsOf = async (words: string, around = {}) => (await scenarioOf(words, around)).flows[0]!.segments;

  it("climbs stairs", async () => {
    const segments = await segmentsOf("{ users: { steps: { start: 10, step: 5, every: 20s } }, duration: 50s }");
    expect(segments).toEqual([
      { start: 0, duration: 20_000, from: 10, to: 10 },
      { start: 20_000, duration: 20_000, from: 15, to: 15 },
      { start: 40_000, duration: 10_000, from: 20, to: 20 },
    ]);
  });

  it("goes along points, jumps where two have one time, and lasts as long as they do", async () => {
    const scenario = await scenarioOf("{ rate: { points: [ [0, 10], [10s, 20], [10s, 50], [20s, 50] ] } }");
    expect(scenario.duration).toBe(20_000);
    expect(scenario.flows[0]!.segments).toEqual([
      { start: 0, duration: 10_000, from: 10, to: 20 },
      { start: 10_000, duration: 10_000, from: 50, to: 50 },
    ]);
  });

  it("repeats a block, and lasts as long as it does", async () => {
    const words =
      "{ users: { repeat: { times: 2, phases: [ { users: 10, spawn_rate: 10, duration: 2s }, { users: { to: 4 }, duration: 1s } ] } } }";
    const { flows, duration } = await scenarioOf(words);
    expect(duration).toBe(6000);
    expect(flows[0]!.segments.map(({ from, to }) => [from, to])).toEqual([
      [0, 10],
      [10, 10],
      [10, 4],
      [4, 10],
      [10, 10],
      [10, 4],
    ]);
  });

  it("has shapes in its phases, each from where the phase begins", async () => {
    const words =
      "{ phases: [ { name: a, users: 5, duration: 10s }, { name: b, users: { steps: { start: 1, step: 1, every: 5s } }, duration: 10s } ] }";
    expect((await segmentsOf(words)).map(({ start, from }) => [start, from])).toEqual([
      [0, 5],
      [10_000, 1],
      [15_000, 2],
    ]);
  });

  it("is scaled by -u to that peak, with its shape", async () => {
    const words = "{ rate: { sine: { mean: 100, amplitude: 50, period: 60s } }, duration: 60s }";
    const levels = (await segmentsOf(words, { flags: { rate: 15 } })).map(({ from }) => from);
    expect([Math.max(...levels), Math.min(...levels)]).toEqual([15, 5]);
  });

  it.each([
    ["{ rate: { sine: { mean: 10, amplitude: 20, period: 60s } }, duration: 1m }", "at most the mean"],
    ["{ rate: { sine: { mean: 10, amplitude: 2, period: 0 } }, duration: 1m }", "a duration over 0"],
    ["{ rate: { sine: { mean: 10, amplitude: 2, period: 1ms } }, duration: 1m }", "more than 10000 straight pieces"],
    ["{ rate: { sine: { mean: 10, amplitude: 2, period: 1m } } }", "no end: expected `duration`"],
    ["{ rate: { sinus: { mean: 10 } }, duration: 1m }", "did you mean `sine`"],
    ["{ rate: { to: 1, steps: { start: 1, step: 1, every: 1s } }, duration: 1m }", "found to and steps"],
    ["{ users: { steps: { start: 1, step: 1, every: 1s } }, spawn_rate: 3, duration: 1m }", "or a shape"],
    ["{ users: { points: [ [5, 1], [2, 1] ] } }", "times in rising order"],
    ["{ users: { points: none.csv } }", "expected a file that can be read"],
    ["{ users: { random_walk: { start: 1, step: 1, every: 1s, min: 2, max: 3 } }, duration: 1m }", "from min to max"],
    ["{ users: { repeat: { times: 2, phases: [ { rate: 1, duration: 1s } ] } } }", "users"],
    ["{ users: { steps: { start: 0, step: -1, every: 1s } }, duration: 1m }", "0 everywhere"],
  ])("%s is refused", async (words, message) => {
    const text = `services: { rest: { api: { host: localhost, endpoints: [ { path: / } ] } } }\nscenarios:\n  s: ${words}`;
    expect((await problemsOf(text)).map((each) => each.message).join("\n")).toContain(message);
    expect((await errorOf(text)).problems.every(({ line }) => line === 3)).toBe(true);
  });
});
