import { expect, test } from "vitest";
import type { Segment } from "../core/model.ts";
import { spansOf } from "./spawn.ts";

const segment = (start: number, duration: number, from: number, to = from): Segment => ({ start, duration, from, to });
const starts = (segments: readonly Segment[], users: readonly number[]): number[] =>
  users.flatMap((k) => spansOf(segments, k).map(({ from }) => from));

test("who comes at once as a run begins comes a quarter of a millisecond after the one before, the first 20 five", () => {
  expect(starts([segment(0, 1000, 500)], [0, 1, 4, 20, 21, 22, 500 - 1])).toEqual([
    0, 5, 20, 100, 100.25, 100.5, 219.75,
  ]);
});

test("who comes at once later comes a quarter of a millisecond apart, counted from those who are there already", () => {
  const jump = [segment(0, 1000, 50), segment(1000, 1000, 500)];
  expect(starts(jump, [50, 51, 499])).toEqual([1000, 1000.25, 1112.25]);
});

test("a ramp keeps its own pace", () => {
  const [first, second, last] = starts([segment(0, 5000, 0, 10), segment(5000, 5000, 10)], [0, 1, 9]);
  expect(first).toBe(0);
  expect(second).toBeCloseTo(500, 6);
  expect(last).toBeCloseTo(4500, 6);
});

test("nobody comes after the end of its time", () => {
  for (const { from, to } of spansOf([segment(0, 10, 1000)], 999)) expect(from).toBeLessThanOrEqual(to);
});
