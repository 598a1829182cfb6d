/** Seeded random streams: the same (seed, stream) gives the same draws on every machine. */
import { xoroshiro128plusFromState } from "pure-rand/generator/xoroshiro128plus";

export interface Random {
  /** Uniform in [0, 1), 53 bits. */
  next(): number;
}

/** One step of splitmix32 (Steele, Lea, Flood 2014): spreads neighbouring inputs over all 32 bits. */
export function mix(value: number): number {
  let z = (value + 0x9e3779b9) | 0;
  z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
  z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
  return z ^ (z >>> 15);
}

/** Takes both halves of an integer below 2^53 into a state. */
export const absorb = (state: number, part: number): number =>
  mix(mix(state ^ (part | 0)) ^ Math.floor(part / 2 ** 32));

/** Every user and every arrival has one: without a closure of its own it takes 88 bytes. */
class Stream implements Random {
  private readonly generator: ReturnType<typeof xoroshiro128plusFromState>;

  constructor(state: number) {
    this.generator = xoroshiro128plusFromState([word(state, 1), word(state, 2), word(state, 3), word(state, 4)]);
  }

  next(): number {
    const { generator } = this;
    return ((generator.next() >>> 5) * 67108864 + (generator.next() >>> 6)) / 9007199254740992;
  }
}

const word = (state: number, salt: number): number => mix(state ^ Math.imul(salt, 0x85ebca6b));

/** The random stream of (seed, ...stream), e.g. (seed, flow, user); streams of different numbers are independent. */
export function randomStream(seed: number, ...stream: readonly number[]): Random {
  let state = absorb(0, seed);
  for (const part of stream) state = absorb(state, part);
  return new Stream(state);
}

export const uniform = (random: Random, min: number, max: number): number => min + (max - min) * random.next();

/** An integer from min to max, both included. */
export const integer = (random: Random, min: number, max: number): number =>
  min + Math.floor((max - min + 1) * random.next());

/** Exponential with mean 1, by inversion. */
export const exponential = (random: Random): number => -Math.log(1 - random.next());

/** Standard normal, by Box and Muller's polar form. */
export function normal(random: Random): number {
  for (;;) {
    const u = 2 * random.next() - 1;
    const v = 2 * random.next() - 1;
    const s = u * u + v * v;
    if (s > 0 && s < 1) return u * Math.sqrt((-2 * Math.log(s)) / s);
  }
}

/** Gamma of a shape and mean 1 (Marsaglia and Tsang 2000; shapes below 1 by their power of a uniform). */
export function gamma(random: Random, shape: number): number {
  if (shape < 1) return (gamma(random, shape + 1) * (shape + 1) * random.next() ** (1 / shape)) / shape;
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = normal(random);
    const v = (1 + c * x) ** 3;
    if (v > 0 && Math.log(1 - random.next()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return (d * v) / shape;
  }
}

/** Positions 0..n-1 drawn in proportion to weights; weights must not all be 0. */
export function weighted(weights: readonly number[]): (random: Random) => number {
  if (weights.length === 1) return () => 0;
  const edges: number[] = [];
  let total = 0;
  for (const weight of weights) {
    total += weight;
    edges.push(total);
  }
  return (random) => {
    const at = random.next() * total;
    let low = 0;
    let high = edges.length - 1;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (edges[middle]! > at) high = middle;
      else low = middle + 1;
    }
    return low;
  };
}
