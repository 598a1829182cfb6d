import { describe, expect, it } from "vitest";
import { ENDLESS } from "./endless.ts";
import { Past, type Spanning, spanOf, stretched, totalSpan } from "./past.ts";
import { FIRST_SECONDS, NEWEST_SECONDS, Thinning } from "./thinning.ts";

interface Entry extends Spanning {
  readonly to: number;
  sum: number;
}

const merge = (parts: readonly Entry[]): Entry => ({
  span: totalSpan(parts),
  to: parts.at(-1)!.to,
  sum: parts.reduce((sum, part) => sum + part.sum, 0),
});

function pastOf(duration: number, start = 0) {
  const entries: Entry[] = [];
  const phases = [{ start, duration: duration - start }] as never;
  const thinning = Thinning.of({ duration, phases });
  return { entries, past: new Past<Entry>({ entries, thinning, merge, empty: (to) => ({ to, sum: 0 }) }) };
}

const DAY = 86_400;

describe("the past of a run", () => {
  it("that ends stays whole", () => {
    const { entries, past } = pastOf(20_000_000);
    past.at(20_000).sum++;
    expect(entries).toHaveLength(20_000);
    expect(entries.every(({ span }) => span === undefined)).toBe(true);
  });

  it("without an end is bounded, and holds each second once", () => {
    const { entries, past } = pastOf(ENDLESS);
    for (let t = 1; t <= 10 * DAY; t++) past.at(t).sum += t;
    expect(entries.length).toBeLessThan(FIRST_SECONDS + NEWEST_SECONDS + 2500);
    expect(totalSpan(entries)).toBe(10 * DAY);
    let end = 0;
    for (const entry of entries) {
      const [first, last] = [end + 1, end + spanOf(entry)];
      expect(entry).toMatchObject({ to: last, sum: ((first + last) * spanOf(entry)) / 2 });
      end = last;
    }
    const whole = (part: readonly Entry[]) => part.every((entry) => spanOf(entry) === 1);
    expect(whole(entries.slice(0, FIRST_SECONDS))).toBe(true);
    expect(whole(entries.slice(-NEWEST_SECONDS))).toBe(true);
    expect(new Set(entries.slice(FIRST_SECONDS, -NEWEST_SECONDS - 1000).map(spanOf))).toContain(480);
  });

  it("keeps the phases whole that end, and the first hour of the one that does not", () => {
    const { entries, past } = pastOf(ENDLESS, 7_205_000);
    past.at(20_000);
    expect(entries.findIndex((entry) => spanOf(entry) > 1)).toBe(7200 + 60 + FIRST_SECONDS);
  });

  it("takes what comes late into the stretch that holds it", () => {
    const { entries, past } = pastOf(ENDLESS);
    past.at(10_000);
    for (const t of [5, 3601, 3660, 5000, 9999]) past.at(t).sum++;
    expect(entries.filter(({ sum }) => sum > 0).map(({ to, sum }) => [to, sum])).toEqual([
      [5, 1],
      [3660, 2],
      [5040, 1],
      [9999, 1],
    ]);
  });
});

describe("stretches", () => {
  const ends = (rows: readonly number[], most: number) => stretched(rows, (end) => end, most);

  it("are single rows where these are few", () => {
    expect(ends([1, 2, 3], 3)).toEqual({ every: 1, stretches: [[1], [2], [3]] });
    expect(ends([], 3)).toEqual({ every: 1, stretches: [] });
  });

  it("are as long in seconds, whatever a row stands for", () => {
    expect(ends([1, 2, 3, 4, 10, 16], 4)).toEqual({ every: 4, stretches: [[1, 2, 3, 4], [10], [16]] });
  });
});
