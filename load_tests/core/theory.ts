/** Distributions in theory, and how far a sample may be from them. */
import { type Random, randomStream } from "./random.ts";

/** Draws in a sample. */
export const N = 100_000;
export const draws = (draw: (random: Random) => number, seed = 7): number[] => {
  const random = randomStream(seed);
  return Array.from({ length: N }, () => draw(random));
};

/** The greatest distance between the empirical and a theoretical distribution (Kolmogorov and Smirnov). */
export function distance(sample: readonly number[], cdf: (x: number) => number): number {
  const sorted = [...sample].sort((a, b) => a - b);
  return sorted.reduce((most, x, i) => {
    const expected = cdf(x);
    return Math.max(most, Math.abs(expected - i / N), Math.abs(expected - (i + 1) / N));
  }, 0);
}

/** Exceeded by one sound sample in a thousand. */
export const CRITICAL = 1.95 / Math.sqrt(N);

/** ln Gamma by Stirling's series, shifted up to where it is good to 1e-10. */
function logGamma(x: number): number {
  if (x < 10) return logGamma(x + 1) - Math.log(x);
  return (x - 0.5) * Math.log(x) - x + 0.5 * Math.log(2 * Math.PI) + 1 / (12 * x) - 1 / (360 * x ** 3);
}

/** The regularised lower incomplete gamma function, by its series (DLMF 8.7.1). */
export function gammaCdf(shape: number, x: number): number {
  if (x <= 0) return 0;
  let term = 1 / shape;
  let sum = term;
  for (let n = 1; term > sum * 1e-12; n++) {
    term *= x / (shape + n);
    sum += term;
  }
  return sum * Math.exp(shape * Math.log(x) - x - logGamma(shape));
}

export const normalCdf = (x: number): number => 0.5 * (1 + Math.sign(x) * gammaCdf(0.5, (x * x) / 2));
