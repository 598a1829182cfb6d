import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Arrivals, Flow, Ms, Segment } from "./model.ts";
import { areaBetween, arrivalsOf, expectedArrivals, levelAt, peakUsers, presencesOf } from "./schedule.ts";

const segment = (start: Ms, duration: Ms, from: number, to = from): Segment => ({ start, duration, from, to });

const flowOf = (segments: readonly Segment[], arrivals: Arrivals = "even"): Flow => ({
  drive: "arrivals",
  arrivals,
  segments,
  think: { min: 0, max: 0 },
});

function arrivals(flow: Flow, share = { index: 0, of: 1 }, seed = 1) {
  const next = arrivalsOf(flow, seed, 0, share);
  const all = [];
  for (let arrival = next(); arrival !== undefined; arrival = next()) all.push(arrival);
  return all;
}
const dues = (segments: readonly Segment[]): Ms[] => arrivals(flowOf(segments)).map(({ due }) => due);

/** Segments that follow on one another, each of some level or none. */
const level = fc.oneof(fc.constant(0), fc.double({ min: 0, max: 50, noNaN: true }));
const anySegments = fc
  .array(fc.record({ duration: fc.integer({ min: 1, max: 8000 }), from: level, to: level }), {
    minLength: 1,
    maxLength: 8,
  })
  .map((pieces) => {
    let start = 0;
    return pieces.map(({ duration, from, to }) => {
      const s = segment(start, duration, from, to);
      start += duration;
      return s;
    });
  });
const endOf = (segments: readonly Segment[]): Ms => segments.at(-1)!.start + segments.at(-1)!.duration;

describe("even arrivals", () => {
  it("of a constant rate come at equal distances, the first at once", () => {
    expect(dues([segment(0, 1000, 4)])).toEqual([0, 250, 500, 750]);
  });

  it("of a ramp from 0 come where the area reaches each whole number", () => {
    const found = dues([segment(0, 4000, 0, 2)]);
    expect(found).toHaveLength(4);
    found.forEach((due, k) => {
      expect(due).toBeCloseTo(2000 * Math.sqrt(k), 6);
    });
  });

  it("of a ramp down to 0 come ever later, none after its end", () => {
    const found = dues([segment(0, 4000, 2, 0)]);
    expect(found).toHaveLength(4);
    found.forEach((due, k) => {
      expect(due).toBeCloseTo(4000 - 2000 * Math.sqrt(4 - k), 6);
    });
  });

  it("pause where the rate does, and go on at its end", () => {
    expect(dues([segment(0, 1000, 2), segment(1000, 5000, 0), segment(6000, 1000, 2)])).toEqual([0, 500, 6000, 6500]);
  });

  it("keep a pause between segments that do not touch", () => {
    expect(dues([segment(0, 1000, 2), segment(3000, 1000, 2)])).toEqual([0, 500, 3000, 3500]);
  });

  it("of a rate of 0 are none", () => {
    expect(dues([segment(0, 5000, 0)])).toEqual([]);
  });

  it("are as many as the area has begun whole numbers", () => {
    fc.assert(
      fc.property(anySegments, (segments) => {
        const area = expectedArrivals(segments);
        fc.pre(Math.abs(area - Math.round(area)) > 1e-6);
        expect(dues(segments)).toHaveLength(Math.ceil(area));
      }),
    );
  });

  it("of a shape cut into 6,000 pieces are not one more than its area, and each at the area of its number", () => {
    const rate = (t: Ms) => 1000 + 900 * Math.sin((2 * Math.PI * t) / 60_000);
    const pieces = Array.from({ length: 6000 }, (_, i) => segment(i * 100, 100, rate(i * 100), rate(i * 100 + 100)));
    const found = dues(pieces);
    expect(found).toHaveLength(600_000);
    for (const k of [1, 99_999, 300_000, 599_999]) expect(areaBetween(pieces, 0, found[k]!)).toBeCloseTo(k, 3);
  });

  it("of ten million are exactly so many", () => {
    const pieces = Array.from({ length: 100 }, (_, i) => segment(i * 10_000, 10_000, 10_000.3, 9999.7));
    const next = arrivalsOf(flowOf(pieces), 1, 0, { index: 999_999, of: 1_000_000 });
    let count = 0;
    for (let last = next(); last !== undefined; last = next()) count = last.index + 1;
    expect(count).toBe(10_000_000);
  });
});

describe("arrivals of any kind", () => {
  const kinds: Arrivals[] = ["even", "poisson", { cv: 0.5 }, { cv: 3 }];

  it("never go back in time and stay within the segments", () => {
    fc.assert(
      fc.property(anySegments, fc.constantFrom(...kinds), (segments, kind) => {
        const found = arrivals(flowOf(segments, kind));
        found.forEach(({ index, due }, i) => {
          expect(index).toBe(i);
          expect(due).toBeGreaterThanOrEqual(i === 0 ? 0 : found[i - 1]!.due);
          expect(due).toBeLessThanOrEqual(endOf(segments));
        });
      }),
    );
  });

  it.each(kinds)("%j: any number of shares together is the whole", (kind) => {
    const flow = flowOf([segment(0, 5000, 0, 40), segment(5000, 3000, 0), segment(8000, 5000, 40, 5)], kind);
    const whole = arrivals(flow);
    for (const of of [1, 2, 3, 7, 32]) {
      const parts = Array.from({ length: of }, (_, index) => arrivals(flow, { index, of }));
      expect(parts.flat().sort((a, b) => a.index - b.index)).toEqual(whole);
    }
  });

  it.each(kinds)("%j: workers of a machine's share together are that share", (kind) => {
    const flow = flowOf([segment(0, 10_000, 30)], kind);
    const machine = arrivals(flow, { index: 2, of: 3 });
    const workers = [0, 1, 2, 3].map((w) => arrivals(flow, { index: 2 + 3 * w, of: 12 }));
    expect(workers.flat().sort((a, b) => a.index - b.index)).toEqual(machine);
  });

  it.each<[Arrivals, number]>([
    ["poisson", 1],
    [{ cv: 0.5 }, 0.5],
    [{ cv: 3 }, 3],
  ])("%j: gaps have the mean of the rate and a coefficient of variation of %d", (kind, cv) => {
    const found = arrivals(flowOf([segment(0, 1_000_000, 100)], kind));
    const gaps = found.slice(1).map(({ due }, i) => due - found[i]!.due);
    const mean = gaps.reduce((a, b) => a + b, 0) / gaps.length;
    const deviation = Math.sqrt(gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / gaps.length);
    expect(Math.abs(mean / 10 - 1)).toBeLessThan((4 * cv) / Math.sqrt(gaps.length));
    expect(Math.abs(deviation / mean / cv - 1)).toBeLessThan(0.05);
  });

  it("repeat from the seed and differ between seeds", () => {
    const flow = flowOf([segment(0, 5000, 20)], "poisson");
    const all = { index: 0, of: 1 };
    expect(arrivals(flow, all, 5)).toEqual(arrivals(flow, all, 5));
    expect(arrivals(flow, all, 5)).not.toEqual(arrivals(flow, all, 6));
  });
});

describe("the level", () => {
  const spike = [segment(0, 1000, 0, 10), segment(1000, 2000, 10), segment(4000, 1000, 5, 5)];
  it.each([
    [-1, 0],
    [0, 0],
    [500, 5],
    [1000, 10],
    [2999, 10],
    [3000, 0],
    [3500, 0],
    [4000, 5],
    [5000, 0],
  ])("at %d ms is %d", (t, expected) => expect(levelAt(spike, t)).toBeCloseTo(expected, 9));

  it("at a step is the later one", () => {
    expect(levelAt([segment(0, 1000, 5), segment(1000, 0, 5, 50), segment(1000, 1000, 50)], 1000)).toBe(50);
  });
});

describe("users", () => {
  it("spawned at 2/s up to 10 start half a second apart, user 0 at once", () => {
    const segments = [segment(0, 5000, 0, 10), segment(5000, 5000, 10)];
    expect(peakUsers(segments)).toBe(10);
    for (let k = 0; k < 10; k++) {
      const [presence, ...more] = presencesOf(segments, k);
      expect(presence?.from).toBeCloseTo(k * 500, 6);
      expect(presence?.to).toBe(10_000);
      expect(more).toEqual([]);
    }
    expect(presencesOf(segments, 10)).toEqual([]);
  });

  it("with the highest numbers leave first", () => {
    const segments = [segment(0, 1000, 3), segment(1000, 3000, 3, 0)];
    expect([0, 1, 2].map((k) => presencesOf(segments, k))).toEqual([
      [{ from: 0, to: 4000 }],
      [{ from: 0, to: 3000 }],
      [{ from: 0, to: 2000 }],
    ]);
  });

  it("return where the level does", () => {
    const segments = [segment(0, 1000, 2), segment(1000, 1000, 1), segment(2000, 1000, 2)];
    expect(presencesOf(segments, 0)).toEqual([{ from: 0, to: 3000 }]);
    expect(presencesOf(segments, 1)).toEqual([
      { from: 0, to: 1000 },
      { from: 2000, to: 3000 },
    ]);
  });

  it("of a level that is not whole round up, and rounding errors add none", () => {
    expect(peakUsers([segment(0, 1000, 2.5)])).toBe(3);
    expect(peakUsers([segment(0, 1000, 0.1 + 0.2), segment(1000, 1000, 3 + 1e-12)])).toBe(3);
    expect(presencesOf([segment(0, 1000, 3 + 1e-12)], 3)).toEqual([]);
    expect(peakUsers([])).toBe(0);
  });

  it("are there exactly while the level is above their number", () => {
    fc.assert(
      fc.property(anySegments, fc.double({ min: 0, max: 1, noNaN: true }), (segments, at) => {
        const t = at * endOf(segments);
        const now = levelAt(segments, t);
        const near = segments.some((s) => Math.abs(t - s.start) < 1e-3 || Math.abs(t - s.start - s.duration) < 1e-3);
        fc.pre(!near);
        for (let k = 0; k < peakUsers(segments); k++) {
          if (Math.abs(now - k) < 1e-3) continue;
          const there = presencesOf(segments, k).some(({ from, to }) => from <= t && t < to);
          expect(there).toBe(now > k);
        }
      }),
    );
  });

  it("have presences in order that do not touch", () => {
    fc.assert(
      fc.property(anySegments, fc.nat(50), (segments, k) => {
        const spans = presencesOf(segments, k);
        spans.forEach(({ from, to }, i) => {
          expect(to).toBeGreaterThan(from);
          if (i > 0) expect(from).toBeGreaterThan(spans[i - 1]!.to);
        });
      }),
    );
  });
});

describe("the area between two times", () => {
  it("is that of the parts", () => {
    const segments = [segment(0, 2000, 0, 10), segment(2000, 2000, 10)];
    expect(areaBetween(segments, 0, 4000)).toBe(30);
    expect(areaBetween(segments, 1000, 3000)).toBe(17.5);
    expect(areaBetween(segments, -100, 0)).toBe(0);
    expect(areaBetween(segments, 4000, 9000)).toBe(0);
  });

  it("over all is what is expected, and parts add up", () => {
    fc.assert(
      fc.property(anySegments, fc.double({ min: 0, max: 1, noNaN: true }), (segments, at) => {
        const end = endOf(segments);
        const [before, after] = [areaBetween(segments, 0, at * end), areaBetween(segments, at * end, end)];
        expect(before + after).toBeCloseTo(expectedArrivals(segments), 6);
      }),
    );
  });
});
