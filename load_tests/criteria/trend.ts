/** Whether a long series grows: Mann-Kendall's test and Theil and Sen's slope over the medians of 15 blocks. */
import { median } from "./band.ts";

/** Fewer points than minutes, as neighbours in time are alike and would count as more than they are. */
export const BLOCKS = 15;
/** One-sided, p = 0.002: about one false alarm in 500 runs, and in 100 where the noise stays for two minutes. */
const CERTAIN = 2.8782;

export interface Trend {
  /** Growth over the whole series, in the unit of its values. */
  readonly growth: number;
  /** Whether it is more than chance makes. */
  readonly certain: boolean;
}

/** Medians of the blocks; null where one has no value, as in series of fewer than 15 places. */
function blocksOf(values: readonly (number | undefined)[]): number[] | null {
  const edge = (i: number): number => Math.floor((i * values.length) / BLOCKS);
  const medians = Array.from({ length: BLOCKS }, (_, i) =>
    median(values.slice(edge(i), edge(i + 1)).filter((value) => value !== undefined)),
  );
  return medians.every((value) => value !== undefined) ? medians : null;
}

/** The trend of values at even distances, `undefined` where there is none; null where they are too few. */
export function trendOf(values: readonly (number | undefined)[]): Trend | null {
  const blocks = blocksOf(values);
  if (blocks === null) return null;
  const slopes = blocks.flatMap((late, j) => blocks.slice(0, j).map((early, i) => (late - early) / (j - i)));
  const s = slopes.reduce((sum, slope) => sum + Math.sign(slope), 0);
  const deviation = Math.sqrt((BLOCKS * (BLOCKS - 1) * (2 * BLOCKS + 5)) / 18);
  return { growth: median(slopes)! * BLOCKS, certain: (s - Math.sign(s)) / deviation > CERTAIN };
}
