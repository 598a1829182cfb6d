import fc from "fast-check";
import { expect, it } from "vitest";
import { ByteReader, ByteWriter } from "./bytes.ts";

const step = fc.oneof(
  fc.record({ kind: fc.constant("varint" as const), value: fc.maxSafeNat() }),
  fc.record({ kind: fc.constant("float" as const), value: fc.double() }),
);

it("numbers come back as they were written, in order", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 500 }), (steps) => {
      const out = new ByteWriter();
      for (const { kind, value } of steps) out[kind](value);
      const reader = new ByteReader(out.bytes());
      for (const { kind, value } of steps) expect(reader[kind]()).toBe(value);
      expect(reader.done).toBe(true);
    }),
  );
});

it("a view into a larger buffer is read from its own start", () => {
  expect(new ByteReader(new Uint8Array([9, 9, 5]).subarray(2)).varint()).toBe(5);
});

it.each([
  ["an empty buffer", []],
  ["a varint without its last byte", [0x80]],
  ["a varint longer than a number holds", [...new Array(7).fill(0xff), 0x7f]],
  ["a varint without end", new Array(20).fill(0x80)],
])("%s is a RangeError", (_, bytes) => {
  expect(() => new ByteReader(new Uint8Array(bytes)).varint()).toThrow(RangeError);
});

it("a float past the end is a RangeError", () => {
  expect(() => new ByteReader(new Uint8Array(7)).float()).toThrow(RangeError);
});

it.each([-1, 0.5, 2 ** 53, Number.NaN])("%d is no varint and is refused when written", (value) => {
  expect(() => new ByteWriter().varint(value)).toThrow(RangeError);
});

it("a brief number keeps seven digits, a whole one and one that is none all of them", () => {
  const all = [0, 1, 16_777_217, 123_456_789_012, 2 ** 53, 1e300, Infinity, -Infinity, Number.NaN, 0.5];
  const out = new ByteWriter();
  for (const value of [...all, 1234.56789, 1e-9]) out.brief(value);
  const reader = new ByteReader(out.bytes());
  expect(all.map(() => reader.brief())).toEqual(all);
  expect(reader.brief()).toBeCloseTo(1234.56789, 3);
  expect(reader.brief() / 1e-9).toBeCloseTo(1, 6);
  expect(reader.done).toBe(true);
});
