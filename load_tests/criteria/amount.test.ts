import { expect, it, test } from "vitest";
import { amount, amounts, counted } from "./amount.ts";

test.each([
  [2410, "ms", "2.41 s"],
  [12.345, "ms", "12.3 ms"],
  [0.001234, "ratio", "0.123 %"],
  [1, "ratio", "100 %"],
  [190, "/s", "190/s"],
  [12_345.6, "/s", "12,346/s"],
  [90, "s", "90 s"],
  [1204, undefined, "1,204"],
  [12.5, undefined, "12.5"],
  [0.25, undefined, "0.25"],
] as const)("%f in %s is written %s", (value, unit, text) => expect(amount(value, unit)).toBe(text));

it("two amounts are written so that they can be told apart", () => {
  expect(amounts(2000.4, 2000, "ms")).toEqual(["2.0004 s", "2 s"]);
  expect(amounts(0.0100001, 0.01, "ratio")).toEqual(["1.00001 %", "1 %"]);
  expect(amounts(0.2501, 0.25, undefined)).toEqual(["0.2501", "0.25"]);
  expect(amounts(2000, 2000, "ms")).toEqual(["2 s", "2 s"]);
});

it("one call is not called calls", () => {
  expect([counted(1, "call"), counted(0, "call"), counted(1204, "call")]).toEqual(["1 call", "0 calls", "1,204 calls"]);
});
