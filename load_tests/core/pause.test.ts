import { describe, expect, it } from "vitest";
import type { Pause } from "./model.ts";
import { drawPause, meanPause, pause, pauseText } from "./pause.ts";
import { CRITICAL, distance, draws, gammaCdf, N, normalCdf } from "./theory.ts";

interface Case {
  readonly written: unknown;
  readonly cdf: (x: number) => number;
  readonly mean: number;
  readonly sd: number;
}

const CASES: readonly Case[] = [
  { written: "1s..3s", cdf: (x) => (x - 1000) / 2000, mean: 2000, sd: 2000 / Math.sqrt(12) },
  { written: { exponential: "3s" }, cdf: (x) => 1 - Math.exp(-x / 3000), mean: 3000, sd: 3000 },
  {
    written: { gamma: { shape: 2, mean: "3s" } },
    cdf: (x) => gammaCdf(2, (2 * x) / 3000),
    mean: 3000,
    sd: 3000 / Math.SQRT2,
  },
  {
    written: { gamma: { shape: 0.5, mean: "60s" } },
    cdf: (x) => gammaCdf(0.5, (0.5 * x) / 60_000),
    mean: 60_000,
    sd: 60_000 * Math.SQRT2,
  },
  {
    written: { lognormal: { median: "2s", sigma: 0.6 } },
    cdf: (x) => normalCdf(Math.log(x / 2000) / 0.6),
    mean: 2000 * Math.exp(0.18),
    sd: 2000 * Math.exp(0.18) * Math.sqrt(Math.exp(0.36) - 1),
  },
];

describe("A pause", () => {
  it.each(CASES)("of $written is drawn as theory says, with its mean", ({ written, cdf, mean, sd }) => {
    const read = pause.parse(written);
    const sample = draws((random) => drawPause(read, random));
    expect(distance(sample, cdf)).toBeLessThan(CRITICAL);
    expect(Math.abs(sample.reduce((a, b) => a + b, 0) / N - mean)).toBeLessThan((3.5 * sd) / Math.sqrt(N));
    expect(meanPause(read)).toBeCloseTo(mean, 6);
    expect(Math.min(...sample.slice(0, 1000))).toBeGreaterThanOrEqual(0);
  });

  it("of one length is that length", () => {
    const read = pause.parse(2);
    expect([...new Set(draws((random) => drawPause(read, random)))]).toEqual([2000]);
  });

  it("of a list is each of its values alike", () => {
    const read = pause.parse({ values: ["1s", "3s", "1s", 0.5] });
    const counts = new Map<number, number>();
    for (const ms of draws((random) => drawPause(read, random))) counts.set(ms, (counts.get(ms) ?? 0) + 1);
    expect([...counts.keys()].sort((a, b) => a - b)).toEqual([500, 1000, 3000]);
    for (const [ms, count] of counts) {
      const p = ms === 1000 ? 0.5 : 0.25;
      expect(Math.abs(count - p * N)).toBeLessThan(4 * Math.sqrt(N * p * (1 - p)));
    }
    expect(meanPause(read)).toBe(1375);
  });

  it.each<[Pause, string]>([
    [{ min: 2000, max: 2000 }, "2 s"],
    [{ min: 200, max: 600 }, "200 ms to 600 ms"],
    [{ exponential: 3000 }, "exponential, mean 3 s"],
    [{ gamma: { shape: 2, mean: 3000 } }, "gamma of shape 2, mean 3 s"],
    [{ lognormal: { median: 2000, sigma: 0 } }, "lognormal, median 2 s, sigma 0, mean 2 s"],
    [{ values: [1000, 3000] }, "one of 1 s, 3 s"],
    [{ values: [1000, 1000, 1000, 1000, 1000, 1000, 1000] }, "one of 1 s, 1 s, 1 s, 1 s, 1 s and 2 more"],
  ])("is told in words: %j", (of, text) => {
    expect(pauseText(of)).toBe(text);
  });
});
