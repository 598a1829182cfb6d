import { describe, expect, it } from "vitest";
import { formatMs, parseDuration, parseShare, parseSize } from "./units.ts";

describe("durations", () => {
  it.each<[string | number, number | undefined]>([
    ["500ms", 500],
    ["30s", 30_000],
    ["5m", 300_000],
    ["1h30m", 5_400_000],
    ["1h 30m 5s", 5_405_000],
    ["1.5h", 5_400_000],
    ["1d", 86_400_000],
    ["10", 10_000],
    ["0.25", 250],
    [" 30s ", 30_000],
    [30, 30_000],
    [0, 0],
    ["0", 0],
    ["", undefined],
    ["abc", undefined],
    ["5 parsecs", undefined],
    ["-5s", undefined],
    ["5M", undefined],
    ["1e3", undefined],
    ["5s5", undefined],
    [-1, undefined],
    [Number.NaN, undefined],
    [Number.POSITIVE_INFINITY, undefined],
    ["9".repeat(400), undefined],
    [`${"9".repeat(400)}d`, undefined],
  ])("%j is %j ms", (text, expected) => expect(parseDuration(text)).toBe(expected));
});

describe("sizes", () => {
  it.each<[string | number, number | undefined]>([
    ["64KB", 65_536],
    ["1MB", 1_048_576],
    ["1 gb", 1_073_741_824],
    ["12b", 12],
    ["12", 12],
    [12, 12],
    ["0.5KB", 512],
    ["64K", undefined],
    ["big", undefined],
    ["-1KB", undefined],
    [-1, undefined],
    ["9".repeat(400), undefined],
  ])("%j is %j bytes", (text, expected) => expect(parseSize(text)).toBe(expected));
});

describe("shares", () => {
  it.each<[string | number, number | undefined]>([
    ["1%", 0.01],
    ["99.9 %", 0.9990000000000001],
    ["0.01", 0.01],
    [0.01, 0.01],
    ["100%", 1],
    ["1%%", undefined],
    ["-1%", undefined],
    ["half", undefined],
    [Number.NaN, undefined],
  ])("%j is %j", (text, expected) => {
    const found = parseShare(text);
    if (expected === undefined) expect(found).toBeUndefined();
    else expect(found).toBeCloseTo(expected, 12);
  });
});

describe("times for people", () => {
  it.each([
    [0, "0 ms"],
    [0.0004, "0 us"],
    [0.85, "850 us"],
    [0.9996, "1.00 ms"],
    [1.234, "1.23 ms"],
    [9.999, "10.0 ms"],
    [12.34, "12.3 ms"],
    [99.97, "100 ms"],
    [850.4, "850 ms"],
    [999.7, "1 s"],
    [1000, "1 s"],
    [4200, "4.2 s"],
    [59_999, "1m"],
    [60_000, "1m"],
    [90_000, "1m 30s"],
    [5_400_000, "1h 30m"],
    [90_000_000, "25h"],
    [-2.5, "-2.50 ms"],
  ])("%d ms is shown as %s", (ms, shown) => expect(formatMs(ms)).toBe(shown));
});
