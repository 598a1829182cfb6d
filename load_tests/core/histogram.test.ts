import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ByteReader } from "./bytes.ts";
import { Histogram, mergeHistograms } from "./histogram.ts";

const histogramOf = (values: readonly number[]): Histogram => {
  const histogram = new Histogram();
  for (const value of values) histogram.record(value);
  return histogram;
};

const positive = fc.double({ min: Math.log(1e-4), max: Math.log(1e9), noNaN: true }).map(Math.exp);
const anyValue = fc.oneof(
  { weight: 8, arbitrary: positive },
  fc.constant(0),
  positive.map((v) => -v),
);
const anyValues = fc.array(anyValue, { maxLength: 300 });

/** The value of rank ceil(p n), from the values themselves. */
const nearestRank = (values: readonly number[], p: number): number =>
  [...values].sort((a, b) => a - b)[Math.max(1, Math.ceil(p * values.length - 1e-9)) - 1]!;

const PERCENTILES = [0, 0.001, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999, 1];

describe("a percentile", () => {
  it("is within 0.1 % of the exact value of nearest rank, from 1e-4 to 1e9", () => {
    fc.assert(
      fc.property(
        fc.array(positive, { minLength: 1, maxLength: 300 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (values, p) => {
          const histogram = histogramOf(values);
          for (const each of [...PERCENTILES, p]) {
            const exact = nearestRank(values, each);
            expect(Math.abs(histogram.percentile(each)! - exact) / exact).toBeLessThanOrEqual(0.001);
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  it("is exact at both ends", () => {
    fc.assert(
      fc.property(fc.array(anyValue, { minLength: 1 }), (values) => {
        const histogram = histogramOf(values);
        expect(histogram.percentile(0)).toBe(Math.min(...values));
        expect(histogram.percentile(1)).toBe(Math.max(...values));
      }),
    );
  });

  it("rises with p and stays within minimum and maximum", () => {
    fc.assert(
      fc.property(fc.array(anyValue, { minLength: 1 }), (values) => {
        const histogram = histogramOf(values);
        const found = PERCENTILES.map((p) => histogram.percentile(p)!);
        for (let i = 1; i < found.length; i++) expect(found[i]!).toBeGreaterThanOrEqual(found[i - 1]!);
        expect(found[0]!).toBeGreaterThanOrEqual(Math.min(...values));
        expect(found.at(-1)!).toBeLessThanOrEqual(Math.max(...values));
      }),
    );
  });

  it.each([
    [[5], 0.5, 5],
    [[0, 0, 0, 8], 0.75, 0],
    [[0, 0, 0, 8], 0.76, 8],
    [[-3, 0, 4], 0.3, -3],
    [[-3, 0, 4], 0.5, 0],
    [[1, 2, 3, 4, 5, 6, 7, 8, 9, 10], 0.9, 9],
    [[1, 2, 3, 4, 5, 6, 7, 8, 9, 10], 0.91, 10],
  ])("of %j at %f is %f", (values, p, expected) => {
    expect(histogramOf(values).percentile(p)!).toBeCloseTo(expected, 1);
  });

  it("of nothing is undefined, and so is the mean", () => {
    expect(new Histogram().percentile(0.5)).toBeUndefined();
    expect(new Histogram().mean).toBeUndefined();
  });

  it("of values beyond the buckets is still within minimum and maximum", () => {
    const histogram = histogramOf([1e-12, 1e-12, 1e15]);
    expect(histogram.percentile(0.5)).toBeGreaterThanOrEqual(1e-12);
    expect(histogram.percentile(1)).toBe(1e15);
  });
});

describe("counts", () => {
  it("are exact, with zero and negative values apart", () => {
    fc.assert(
      fc.property(anyValues, (values) => {
        const histogram = histogramOf(values);
        expect(histogram.count).toBe(values.length);
        expect(histogram.zeros).toBe(values.filter((v) => v === 0).length);
        expect(histogram.negatives).toBe(values.filter((v) => v < 0).length);
        let inBuckets = 0;
        histogram.forEach((_, count) => {
          inBuckets += count;
        });
        expect(inBuckets + histogram.zeros + histogram.negatives).toBe(values.length);
        if (values.length > 0) expect(histogram.mean).toBeCloseTo(values.reduce((a, b) => a + b, 0) / values.length, 5);
      }),
    );
  });

  it("above a limit are right but for values within a bucket of it", () => {
    fc.assert(
      fc.property(fc.array(anyValue, { minLength: 1 }), fc.oneof(positive, fc.constant(0)), (values, limit) => {
        const above = histogramOf(values).countAbove(limit);
        expect(above).toBeLessThanOrEqual(values.filter((v) => v > limit * 0.998).length);
        expect(above).toBeGreaterThanOrEqual(values.filter((v) => v > limit * 1.002).length);
      }),
    );
  });

  it("above a limit are exact where all values lie on one side of it", () => {
    const histogram = histogramOf([100.01, 100.02]);
    expect(histogram.countAbove(100)).toBe(2);
    expect(histogram.countAbove(100.03)).toBe(0);
    expect(histogram.countAbove(-1)).toBe(2);
  });
});

/** All that a histogram knows but the sum, whose last digits hang on the order of its values. */
function withoutSum(histogram: Histogram): Uint8Array {
  histogram.sum = 0;
  return histogram.toBytes();
}

describe("a merge", () => {
  it("of parts is the whole, in any order", () => {
    fc.assert(
      fc.property(fc.array(anyValues, { maxLength: 5 }), (parts) => {
        const whole = histogramOf(parts.flat());
        const merged = mergeHistograms([...parts].reverse().map(histogramOf));
        expect(withoutSum(merged)).toEqual(withoutSum(whole));
        expect(merged.sum).toBeCloseTo(whole.sum, 3);
      }),
    );
  });

  it("is undone by taking the part away again, but for minimum and maximum", () => {
    fc.assert(
      fc.property(anyValues, anyValues, (kept, gone) => {
        const histogram = histogramOf([...kept, ...gone]);
        histogram.remove(histogramOf(gone));
        const { min, max } = histogramOf(kept);
        Object.assign(histogram, { min, max });
        expect(PERCENTILES.map((p) => histogram.percentile(p))).toEqual(
          PERCENTILES.map((p) => histogramOf(kept).percentile(p)),
        );
        expect(histogram.count).toBe(kept.length);
      }),
    );
  });

  it("leaves the parts as they are", () => {
    const part = histogramOf([1, 2]);
    const whole = mergeHistograms([part]);
    whole.record(3);
    expect(part.count).toBe(2);
  });
});

describe("the binary form", () => {
  it("comes back equal", () => {
    fc.assert(
      fc.property(anyValues, (values) => {
        const histogram = histogramOf(values);
        const reader = new ByteReader(histogram.toBytes());
        const read = Histogram.read(reader);
        expect(reader.done).toBe(true);
        expect(PERCENTILES.map((p) => read.percentile(p))).toEqual(PERCENTILES.map((p) => histogram.percentile(p)));
        expect(read.toBytes()).toEqual(histogram.toBytes());
        expect(mergeHistograms([read])).toEqual(mergeHistograms([histogram]));
      }),
    );
  });

  it("once read takes more values and other histograms, as the one that was written does", () => {
    fc.assert(
      fc.property(anyValues, anyValues, anyValues, (values, more, others) => {
        const written = histogramOf(values);
        const read = Histogram.read(new ByteReader(written.toBytes()));
        for (const histogram of [written, read]) {
          for (const value of more) histogram.record(value);
          histogram.merge(Histogram.read(new ByteReader(histogramOf(others).toBytes())));
        }
        expect(read.toBytes()).toEqual(written.toBytes());
        read.clear();
        expect(read.toBytes()).toEqual(new Histogram().toBytes());
      }),
    );
  });

  it("of bad bytes is a RangeError and nothing else", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
        try {
          const { count, min, max } = Histogram.read(new ByteReader(bytes));
          expect(count === 0 || min <= max).toBe(true);
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError);
        }
      }),
      { numRuns: 1000 },
    );
  });

  it("cut at any place is a RangeError", () => {
    const bytes = histogramOf([0.5, 1, 1, 70, 1e6]).toBytes();
    for (let end = 0; end < bytes.length; end++)
      expect(() => Histogram.read(new ByteReader(bytes.subarray(0, end)))).toThrow(RangeError);
  });

  it("is small: a second of 1,000 latencies takes less than 3 KB", () => {
    const values = Array.from({ length: 1000 }, (_, i) => 20 + (i % 100));
    expect(histogramOf(values).toBytes().length).toBeLessThan(3000);
  });
});

it("an emptied histogram is as good as new and keeps its memory", () => {
  const many = Array.from({ length: 100 }, (_, i) => i - 1);
  const histogram = histogramOf(many);
  const memory = histogram.memory();
  histogram.clear();
  expect(memory).toBeGreaterThan(0);
  expect(histogram.memory()).toBe(memory);
  expect(histogram.toBytes()).toEqual(new Histogram().toBytes());
  for (const value of many) histogram.record(value);
  expect(histogram.toBytes()).toEqual(histogramOf(many).toBytes());
});

it("recording allocates nothing once the octaves are there", () => {
  const histogram = new Histogram();
  const recordMany = () => {
    for (let i = 0; i < 2_000_000; i++) histogram.record((i % 1000) + 0.5);
  };
  recordMany();
  const before = process.memoryUsage();
  recordMany();
  const after = process.memoryUsage();
  expect(after.heapUsed + after.external - before.heapUsed - before.external).toBeLessThan(8_000_000);
});
