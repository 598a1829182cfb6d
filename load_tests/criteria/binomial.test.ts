import fc from "fast-check";
import { expect, it, test } from "vitest";
import { binomialQuantile } from "./binomial.ts";

test.each([
  [0.5, 10, 0.5, 5],
  [0.999, 10, 0.5, 9],
  [0.999, 500, 1.5e-4, 2],
  [0.999, 500, 0.0015, 5],
  [0.999, 100_000, 0.5, 50_489],
  [0.999, 500, 0, 0],
  [0.999, 500, 1, 500],
  [0.999, 0, 0.5, 0],
])("the %f quantile of Binomial(%i, %f) is %i", (q, n, p, k) => {
  expect(binomialQuantile(q, n, p)).toBe(k);
});

it("never leaves 0..n and rises with p", () => {
  const probability = fc.double({ min: 0, max: 1, noNaN: true });
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2000 }), probability, probability, (n, a, b) => {
      const [low, high] = [Math.min(a, b), Math.max(a, b)].map((p) => binomialQuantile(0.999, n, p)) as [
        number,
        number,
      ];
      expect(low).toBeGreaterThanOrEqual(0);
      expect(high).toBeLessThanOrEqual(n);
      expect(low).toBeLessThanOrEqual(high);
    }),
  );
});
