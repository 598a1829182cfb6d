import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { exponential, gamma, integer, normal, type Random, randomStream, uniform, weighted } from "./random.ts";
import { CRITICAL, distance, draws, gammaCdf, N, normalCdf } from "./theory.ts";

describe("a stream", () => {
  const take = (random: Random) => Array.from({ length: 20 }, () => random.next());

  it("is the same for the same numbers, and another for any other", () => {
    const numbers = fc.array(fc.nat(2 ** 40), { maxLength: 3 });
    fc.assert(
      fc.property(fc.integer(), numbers, numbers, (seed, a, b) => {
        expect(take(randomStream(seed, ...a))).toEqual(take(randomStream(seed, ...a)));
        expect(take(randomStream(seed, ...a))).not.toEqual(take(randomStream(seed + 1, ...a)));
        if (a.join() !== b.join()) expect(take(randomStream(seed, ...a))).not.toEqual(take(randomStream(seed, ...b)));
      }),
    );
  });

  it("stays the same in every release: a run can be repeated by its seed", () => {
    expect(take(randomStream(1, 2, 3)).slice(0, 3)).toMatchInlineSnapshot(`
      [
        0.6883459242632758,
        0.36405942506795785,
        0.7204520876326502,
      ]
    `);
  });

  it("of neighbouring users does not lean on its neighbour's", () => {
    const firsts = Array.from({ length: N }, (_, user) => randomStream(1, 0, user).next());
    expect(distance(firsts, (x) => x)).toBeLessThan(CRITICAL);
    const mean = 0.5;
    const covariance = firsts.slice(1).reduce((sum, x, i) => sum + (x - mean) * (firsts[i]! - mean), 0) / (N - 1);
    expect(Math.abs(covariance * 12)).toBeLessThan(3.3 / Math.sqrt(N));
  });

  it("never meets that of another user among 200,000", () => {
    const firsts = new Set(Array.from({ length: 200_000 }, (_, user) => randomStream(1, 0, user).next()));
    expect(firsts.size).toBe(200_000);
  });
});

describe("draws of a distribution", () => {
  it.each<[string, (random: Random) => number, (x: number) => number, number, number]>([
    ["uniform", (r) => uniform(r, 2, 6), (x) => (x - 2) / 4, 4, 16 / 12],
    ["exponential", exponential, (x) => 1 - Math.exp(-x), 1, 1],
    ["normal", normal, normalCdf, 0, 1],
    ["gamma of shape 0.25", (r) => gamma(r, 0.25), (x) => gammaCdf(0.25, 0.25 * x), 1, 4],
    ["gamma of shape 1", (r) => gamma(r, 1), (x) => 1 - Math.exp(-x), 1, 1],
    ["gamma of shape 4", (r) => gamma(r, 4), (x) => gammaCdf(4, 4 * x), 1, 0.25],
  ])("%s have the distribution, mean and variance of theory", (_, draw, cdf, mean, variance) => {
    const sample = draws(draw);
    expect(distance(sample, cdf)).toBeLessThan(CRITICAL);
    const found = sample.reduce((a, b) => a + b, 0) / N;
    expect(Math.abs(found - mean)).toBeLessThan(3.5 * Math.sqrt(variance / N));
    const spread = sample.reduce((sum, x) => sum + (x - found) ** 2, 0) / N;
    expect(Math.abs(spread / variance - 1)).toBeLessThan(0.06);
  });

  it("tell a wrong distribution: the test itself can fail", () => {
    expect(
      distance(
        draws((r) => uniform(r, 0, 1.02)),
        (x) => Math.min(1, x),
      ),
    ).toBeGreaterThan(CRITICAL);
  });

  it("integers fall on each number of the range alike", () => {
    const counts = new Map<number, number>();
    for (const n of draws((r) => integer(r, -2, 3))) counts.set(n, (counts.get(n) ?? 0) + 1);
    expect([...counts.keys()].sort((a, b) => a - b)).toEqual([-2, -1, 0, 1, 2, 3]);
    for (const count of counts.values()) expect(Math.abs(count - N / 6)).toBeLessThan(4 * Math.sqrt(N / 6));
  });
});

describe("weights", () => {
  it("are met in proportion, and a weight of 0 never", () => {
    const pick = weighted([0, 1, 0, 3, 0]);
    const counts = [0, 0, 0, 0, 0];
    for (const position of draws(pick)) counts[position]!++;
    expect([counts[0], counts[2], counts[4]]).toEqual([0, 0, 0]);
    expect(Math.abs(counts[1]! - N / 4)).toBeLessThan(4 * Math.sqrt((N * 3) / 16));
  });

  it("at the ends of the draw give the first and the last that weigh", () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 100, noNaN: true }), { minLength: 1, maxLength: 12 }),
        (weights) => {
          fc.pre(weights.some((weight) => weight > 1e-6));
          for (const at of [0, 1 - 2 ** -53]) expect(weights[weighted(weights)({ next: () => at })]).toBeGreaterThan(0);
        },
      ),
    );
  });
});
