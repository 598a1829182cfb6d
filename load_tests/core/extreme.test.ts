import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ByteReader, ByteWriter } from "./bytes.ts";
import { Histogram } from "./histogram.ts";

function again(values: readonly number[]): { made: Histogram; read: Histogram; merged: Histogram; bytes: number } {
  const made = new Histogram();
  for (const value of values) made.record(value);
  const out = new ByteWriter();
  made.writeBrief(out);
  const merged = new Histogram();
  Histogram.passBrief(new ByteReader(out.bytes()));
  merged.mergeBrief(new ByteReader(out.bytes()));
  return { made, read: Histogram.readBrief(new ByteReader(out.bytes())), merged, bytes: out.position };
}

/** Within seven digits. */
const near = (found: number, value: number): boolean => Math.abs(found - value) <= Math.abs(value) * 2 ** -23;

describe("the least and the greatest value of a brief histogram", () => {
  const value = fc.oneof(
    fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e13, max: 1e14 }),
    fc.constantFrom(0, 2 ** -21, 2 ** -20, 2 ** 43, 2 ** 44, 2 ** 45, 1e-9, 1, 1024, Number.MIN_VALUE),
  );

  it("come back with seven digits, whichever buckets they lie in", () => {
    fc.assert(
      fc.property(fc.array(value, { minLength: 1, maxLength: 20 }), (values) => {
        const { made, read, merged } = again(values);
        for (const each of [read, merged]) {
          expect([each.count, each.zeros, each.negatives]).toEqual([made.count, made.zeros, made.negatives]);
          expect(near(each.min, made.min) || Math.abs(made.min) < 1e-37).toBe(true);
          expect(near(each.max, made.max) || Math.abs(made.max) < 1e-37).toBe(true);
        }
      }),
    );
  });

  it("take two bytes each, and none where there are no values", () => {
    const few = again([3.25, 4]).bytes;
    expect(few).toBe(2 + (3 + 2 + 1) + 4 + 2 * 2);
    expect(again([]).bytes).toBe(3);
    expect(again([]).read.count).toBe(0);
  });
});
