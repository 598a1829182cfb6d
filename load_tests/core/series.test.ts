import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ByteReader, ByteWriter } from "./bytes.ts";
import { Histogram } from "./histogram.ts";
import { latencyOf, mergeSeries, PackedSeries, type SeriesDelta, writeSeries } from "./series.ts";

const values = fc.array(fc.oneof(fc.double({ min: 0.001, max: 1e6, noNaN: true }), fc.constantFrom(0, -1)));
const histogram = values.map((all) => {
  const made = new Histogram();
  for (const value of all) made.record(value);
  return made;
});
const series: fc.Arbitrary<SeriesDelta> = fc.record({
  op: fc.nat(1e6),
  phase: fc.nat(100),
  counts: fc.array(fc.nat(1e9), { maxLength: 20 }),
  ...{ latency: histogram, service: histogram },
  metrics: fc.array(histogram, { maxLength: 3 }),
});

function written(given: SeriesDelta): Uint8Array {
  const out = new ByteWriter();
  writeSeries(out, given);
  return out.bytes();
}

const packed = (given: SeriesDelta): PackedSeries => PackedSeries.read(new ByteReader(written(given)));

const empty = (width: number) => ({
  ...{ latency: new Histogram(), service: new Histogram() },
  metrics: Array.from({ length: width }, () => new Histogram()),
});

/** All but sums, which seven digits are kept of. */
const facts = (all: readonly Histogram[]) =>
  all.map((each) => {
    const buckets: number[] = [];
    each.forEach((bucket, count) => {
      buckets.push(bucket, count);
    });
    return [each.count, each.zeros, each.negatives, buckets];
  });

describe("a series that was read", () => {
  it("merges into others as what was written does", () => {
    fc.assert(
      fc.property(series, fc.array(histogram, { minLength: 1, maxLength: 1 }), (given, [before]) => {
        const [read, made] = [empty(given.metrics.length), empty(given.metrics.length)];
        for (const into of [read, made]) into.latency.merge(before!);
        mergeSeries(packed(given), read);
        mergeSeries(given, made);
        expect(facts([read.latency, read.service, ...read.metrics])).toEqual(
          facts([made.latency, made.service, ...made.metrics]),
        );
        expect(read.latency.min).toBeCloseTo(Math.fround(made.latency.min), -1);
        expect(facts([latencyOf([packed(given), given])])).toEqual(facts([latencyOf([given, given])]));
      }),
    );
  });

  it("is written again as it was, by its own op and by another", () => {
    fc.assert(
      fc.property(series, fc.nat(1e6), (given, op) => {
        expect(written(packed(given))).toEqual(written(given));
        expect(written(packed(given).of(op))).toEqual(written({ ...given, op }));
      }),
    );
  });

  it("gives histograms of its own, however often it is asked", () => {
    const given = { ...empty(1), op: 1, phase: 2, counts: [3] };
    given.latency.record(5);
    const read = packed(given);
    read.latency.record(6);
    expect(read.latency.count).toBe(1);
    expect(read.metrics.length).toBe(1);
    expect(read.width).toBe(1);
  });
});
