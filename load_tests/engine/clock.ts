/**
 * The run's clock, the only one: monotonic, in milliseconds, 0 at the start of the run. `performance` is imported: the
 * global of that name is looked up anew each time, which takes as long as to read the clock.
 */
import { performance } from "node:perf_hooks";
import type { Ms } from "../core/model.ts";

export interface Clock {
  now(): Ms;
  /** Wall time, milliseconds since 1970. */
  wall(): number;
}

/** Milliseconds since 1970 on the monotonic clock: the same instant reads the same in every thread. */
export const epochNow = (): number => performance.timeOrigin + performance.now();

/** A clock that reads 0 at `epoch` (of `epochNow`). */
export function clockFrom(epoch: number): Clock {
  const zero = epoch - performance.timeOrigin;
  return { now: () => performance.now() - zero, wall: () => Date.now() };
}
