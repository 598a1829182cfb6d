import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { permuted } from "./permutation.ts";

const order = (n: number, ...key: number[]): number[] => Array.from({ length: n }, (_, i) => permuted(i, n, key));

describe("A shuffled order", () => {
  it("has each position once, whatever the length and the key", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 3000 }), fc.integer(), fc.nat(), (n, seed, pass) => {
        const found = order(n, seed, pass);
        expect(new Set(found).size).toBe(n);
        expect(found.every((at) => Number.isInteger(at) && at >= 0 && at < n)).toBe(true);
      }),
    );
  });

  it("is another for another key, and the same for the same", () => {
    expect(order(50, 1, 0)).toEqual(order(50, 1, 0));
    expect(new Set(Array.from({ length: 100 }, (_, key) => order(50, key).join())).size).toBe(100);
    expect(order(50, 1, 0)).not.toEqual(order(50, 1, 1));
  });

  it("puts each element on each position alike", () => {
    const KEYS = 20_000;
    const n = 7;
    const counts = Array.from({ length: n }, () => new Array<number>(n).fill(0));
    for (let key = 0; key < KEYS; key++) for (const [i, at] of order(n, key).entries()) counts[i]![at]!++;
    const expected = KEYS / n;
    const chi2 = counts.flat().reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
    expect(chi2).toBeLessThan(68); // 36 degrees of freedom, one sound order in a thousand is above
  });

  it("leaves neighbours apart", () => {
    const n = 100_000;
    const found = order(n, 5);
    const near = found.slice(1).filter((at, i) => Math.abs(at - found[i]!) <= 10).length;
    expect(near).toBeLessThan(n * 0.0002 * 1.5);
  });

  it("reaches lists of 2^52", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 52n - 1n }), (at) => {
        const found = permuted(Number(at), 2 ** 52, [1]);
        expect(Number.isSafeInteger(found) && found < 2 ** 52).toBe(true);
      }),
    );
  });
});
