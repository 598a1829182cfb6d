/** Loads without an end of their own: until they are stopped, or their iterations are done. */
import type { Ms } from "./time.ts";

/** Stands for no end: 115 days, so that files and sums of times stay plain numbers. */
export const ENDLESS: Ms = 1e10;

export const isEndless = (duration: Ms): boolean => duration >= ENDLESS;
