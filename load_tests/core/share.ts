/** Parts of a whole number: those of all shares sum to it. */
import type { Share } from "./model.ts";

/** How many of 0 .. whole-1 fall to a share that takes every of-th from its index on; infinite of an infinite whole. */
export const partOf = (whole: number, { index, of }: Share): number =>
  Math.max(0, Math.floor((whole - index + of - 1) / of));
