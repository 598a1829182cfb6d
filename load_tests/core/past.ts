/** What is kept of each second of a run, in order and without gaps. */
import { mergeNeighbours, type Thinning } from "./thinning.ts";

export interface Spanning {
  /** Seconds that it stands for; one where absent. */
  readonly span?: number;
}

export const spanOf = ({ span = 1 }: Spanning): number => span;

export const totalSpan = (entries: readonly Spanning[]): number =>
  entries.reduce((sum, entry) => sum + spanOf(entry), 0);

export interface PastSetup<T> {
  /** Filled by the past, and read by others. */
  readonly entries: T[];
  readonly thinning: Thinning;
  /** Of the second that ends at `t`. */
  readonly empty: (t: number) => T;
  readonly merge: (parts: readonly T[]) => T;
}

export class Past<T extends Spanning> {
  private readonly setup: PastSetup<T>;
  private end = 0;

  constructor(setup: PastSetup<T>) {
    this.setup = setup;
  }

  /** The entry that holds the second that ends at `t`; with those before it, if they are new. */
  at(t: number): T {
    while (this.end < t) this.grow();
    const { entries, thinning } = this.setup;
    if (!thinning.mayMerge(t)) return entries[t - 1]!;
    let [at, start] = [entries.length - 1, this.end - spanOf(entries.at(-1)!)];
    while (start >= t) start -= spanOf(entries[--at]!);
    return entries[at]!;
  }

  private grow(): void {
    const { entries, thinning, empty, merge } = this.setup;
    entries.push(empty(++this.end));
    if (thinning.isDue(this.end)) mergeNeighbours(entries, thinning.neighbours(this.ends()), merge);
  }

  private ends(): number[] {
    let end = 0;
    return this.setup.entries.map((entry) => {
      end += spanOf(entry);
      return end;
    });
  }
}

/** Rows in their order, put together by stretches of `every` seconds, so that these are at most `most`. */
export function stretched<T>(
  rows: readonly T[],
  endOf: (row: T) => number,
  most: number,
): { readonly every: number; readonly stretches: readonly T[][] } {
  const every = Math.max(1, Math.ceil((rows.length === 0 ? 0 : endOf(rows.at(-1)!)) / most));
  const stretches: T[][] = [];
  let latest = Number.NEGATIVE_INFINITY;
  for (const row of rows) {
    const stretch = Math.ceil(endOf(row) / every);
    if (stretch === latest) stretches.at(-1)!.push(row);
    else stretches.push([row]);
    latest = stretch;
  }
  return { every, stretches };
}
