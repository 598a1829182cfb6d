/**
 * How a run without an end is kept in bounded memory: its first hour and its last half hour second by second, what lies
 * between them by minutes, and once these are many, by two, four ... of them.
 */
import { isEndless } from "./endless.ts";
import type { Scenario } from "./model.ts";

const MINUTE = 60;
/** Seconds of the phase without an end that stay whole. */
export const FIRST_SECONDS = 3600;
/** The newest, which stay whole until they are older. */
export const NEWEST_SECONDS = 1800;
const MOST_STRETCHES = 2048;

/** Neighbours that become one, by their positions; `to` is the first that is left out. */
export type Neighbours = readonly [from: number, to: number];

export class Thinning {
  private readonly whole: number;
  private length = MINUTE;
  private done: number;

  /** Seconds up to `whole` are never merged; without an end, none are. */
  constructor(whole: number) {
    this.whole = whole;
    this.done = whole;
  }

  /** Of a scenario: all phases that end, and the first hour of one that does not. */
  static of({ duration, phases = [] }: Pick<Scenario, "duration" | "phases">): Thinning {
    if (!isEndless(duration)) return new Thinning(Number.POSITIVE_INFINITY);
    const last = phases.findLast((phase) => isEndless(phase.start + phase.duration))?.start ?? 0;
    return new Thinning(MINUTE * Math.ceil((last / 1000 + FIRST_SECONDS) / MINUTE));
  }

  /** Whether the second that ends at `t`, in seconds from the start, is merged with others some day. */
  mayMerge(t: number): boolean {
    return t > this.whole;
  }

  /** Whether there is something to merge in a run that is `now` seconds old. */
  isDue(now: number): boolean {
    return now - NEWEST_SECONDS >= this.done + this.length;
  }

  /** What becomes one, of entries that end at `ends`, the last of them now. Each is to be merged before it is asked again. */
  neighbours(ends: readonly number[]): Neighbours[] {
    for (;;) {
      this.done = this.length * Math.floor((ends.at(-1)! - NEWEST_SECONDS) / this.length);
      const found = this.stretches(ends);
      if (found.length <= MOST_STRETCHES) return found.filter(([from, to]) => to - from > 1);
      this.length *= 2;
    }
  }

  private stretches(ends: readonly number[]): Neighbours[] {
    const found: [number, number][] = [];
    let last = -1;
    ends.forEach((end, i) => {
      if (end <= this.whole || end > this.done) return;
      const stretch = Math.ceil(end / this.length);
      if (stretch === last) found.at(-1)![1] = i + 1;
      else found.push([i, i + 1]);
      last = stretch;
    });
    return found;
  }
}

/** Merges neighbours within `entries` itself. */
export function mergeNeighbours<T>(
  entries: T[],
  neighbours: readonly Neighbours[],
  merge: (parts: readonly T[]) => T,
): void {
  for (const [from, to] of neighbours.toReversed()) entries.splice(from, to - from, merge(entries.slice(from, to)));
}
