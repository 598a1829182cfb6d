import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Histogram } from "../core/histogram.ts";
import { distributionOf, distributions } from "./distribution.ts";
import { fixtureReport } from "./fixture.ts";

const of = (values: readonly number[]) => {
  const histogram = new Histogram();
  for (const value of values) histogram.record(value);
  return distributionOf("x", histogram);
};
const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);

describe("the distribution", () => {
  test("counts every call once, whatever its latency", () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 1e7, noNaN: true })), (values) => {
        expect(sum(of(values).bins)).toBe(values.length);
      }),
    );
  });

  test("puts a call into the bin whose edges lie about it", () => {
    fc.assert(
      fc.property(fc.double({ min: 0.002, max: 1e7, noNaN: true }), (value) => {
        const { first, bins } = of([value]);
        expect(bins).toEqual([1]);
        expect(10 ** (first / 20)).toBeLessThanOrEqual(value * 1.002);
        expect(10 ** ((first + 1) / 20)).toBeGreaterThanOrEqual(value / 1.002);
      }),
    );
  });

  test("has no bin, and no percentile, without a call", () => {
    expect(of([])).toMatchObject({ bins: [], count: 0, marks: [{ ms: null }, { ms: null }, { ms: null }] });
  });

  test("is told of all calls first, then of each endpoint that was called", () => {
    const { parts } = distributions(fixtureReport().result);
    expect(parts.map(({ name }) => name).slice(0, 3)).toEqual(["all endpoints", "stt.Recognize", "llm.GenerateStream"]);
    expect(parts.map(({ name }) => name)).not.toContain("never called");
    expect(sum(parts.slice(1).map(({ count }) => count))).toBe(parts[0]!.count);
  });
});
