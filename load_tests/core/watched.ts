/** A scope whose calls are followed second by second, as recovery and growth need. */
import type { OpInfo } from "./model.ts";
import { Past, type Spanning, spanOf, totalSpan } from "./past.ts";
import { latencyOf } from "./series.ts";
import { failuresOf, type Snapshot } from "./snapshot.ts";
import type { Thinning } from "./thinning.ts";

export interface Watch {
  readonly matches: (info: OpInfo) => boolean;
  /** From the first on; filled as the run goes. */
  readonly seconds: WatchedSecond[];
}

export interface WatchedSecond extends Spanning {
  n: number;
  failures: number;
  p95?: number;
  inFlight: number;
}

const emptySecond = (): WatchedSecond => ({ n: 0, failures: 0, inFlight: 0 });

/** The middle by weight of pairs of values and weights. */
function weightedMedian(pairs: readonly (readonly [value: number, weight: number])[]): number | undefined {
  const sorted = pairs.toSorted(([a], [b]) => a - b);
  const half = pairs.reduce((sum, [, weight]) => sum + weight, 0) / 2;
  let weight = 0;
  return sorted.find((pair) => {
    weight += pair[1];
    return weight >= half;
  })?.[0];
}

/** Neighbours as one, whose p95 is the median of theirs. */
function mergeSeconds(parts: readonly WatchedSecond[]): WatchedSecond {
  const p95 = weightedMedian(parts.flatMap((part) => (part.p95 === undefined ? [] : [[part.p95, spanOf(part)]])));
  return {
    span: totalSpan(parts),
    n: parts.reduce((sum, part) => sum + part.n, 0),
    failures: parts.reduce((sum, part) => sum + part.failures, 0),
    inFlight: Math.max(...parts.map((part) => part.inFlight)),
    ...(p95 === undefined ? {} : { p95 }),
  };
}

/** Fills the seconds of a watch. */
export class WatchFold {
  private readonly watch: Watch;
  private readonly past: Past<WatchedSecond>;

  constructor(watch: Watch, thinning: Thinning) {
    this.watch = watch;
    this.past = new Past({ entries: watch.seconds, thinning, empty: emptySecond, merge: mergeSeconds });
  }

  /** Adds the calls of `snapshot` that the watch asks for; `ops` are those of the run. */
  add({ from, series, inFlight, late }: Snapshot, ops: readonly OpInfo[]): void {
    if (late) return;
    const mine = series.filter(({ op }) => this.watch.matches(ops[op]!));
    const latency = latencyOf(mine);
    const second = this.past.at(Math.round(from / 1000) + 1);
    second.n += latency.count;
    second.failures += mine.reduce((sum, { counts }) => sum + failuresOf(counts), 0);
    if (latency.count > 0) second.p95 = latency.percentile(0.95);
    second.inFlight = Math.max(second.inFlight, inFlight);
  }
}
