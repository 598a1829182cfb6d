/** Gathers what a run uses beside its calls. */
import type { Reading, ResourceInfo, ResourceSeries } from "./resource.ts";
import { type Neighbours, Thinning } from "./thinning.ts";

interface Growing extends ResourceInfo {
  readonly thinning: Thinning;
  readonly t: number[];
  readonly values: number[];
  /** Null until something is merged. */
  merged: { n: number[]; low: number[]; high: number[] } | null;
  count: number;
  sum: number;
  max: number;
}

/** A sum's own rounding is no reading. */
const DIGITS = 6;

/** Gathers readings by name, in the order of their seconds. */
export class ResourceFold {
  private readonly thinning: () => Thinning;
  private readonly byName = new Map<string, Growing>();

  /** `thinning` of each series; by default none. */
  constructor(thinning = () => new Thinning(Number.POSITIVE_INFINITY)) {
    this.thinning = thinning;
  }

  /** Adds the readings of the second that ended at `t`; what a resource already has of that second stays. */
  add(t: number, readings: readonly Reading[]): void {
    for (const { value, ...info } of readings) {
      const series = this.seriesOf(info);
      if (!Number.isFinite(value) || t <= (series.t.at(-1) ?? 0)) continue;
      append(series, t, value);
      if (series.thinning.isDue(t)) merge(series, series.thinning.neighbours(series.t));
    }
  }

  series(): ResourceSeries[] {
    const known = [...this.byName.values()].filter(({ count }) => count > 0);
    return known.map(({ sum, count, merged, thinning: _, ...series }) => ({
      ...series,
      mean: Number((sum / count).toPrecision(DIGITS)),
      ...(merged === null ? {} : { merged }),
    }));
  }

  private seriesOf(info: ResourceInfo): Growing {
    const known = this.byName.get(info.name);
    if (known !== undefined) return known;
    const nothing = { t: [], values: [], merged: null, count: 0, sum: 0, max: Number.NEGATIVE_INFINITY };
    const fresh = { ...info, ...nothing, thinning: this.thinning() };
    this.byName.set(info.name, fresh);
    return fresh;
  }
}

function append(series: Growing, t: number, value: number): void {
  series.t.push(t);
  series.values.push(value);
  series.count++;
  series.sum += value;
  series.max = Math.max(series.max, value);
  series.merged?.n.push(1);
  series.merged?.low.push(value);
  series.merged?.high.push(value);
}

function merge(series: Growing, neighbours: readonly Neighbours[]): void {
  const { t, values } = series;
  series.merged ??= { n: values.map(() => 1), low: [...values], high: [...values] };
  const { n, low, high } = series.merged;
  for (const [from, to] of neighbours.toReversed()) {
    const put = (column: number[], value: number) => column.splice(from, to - from, value);
    const weights = n.slice(from, to);
    const weight = weights.reduce((sum, each) => sum + each, 0);
    put(t, t[to - 1]!);
    put(values, weights.reduce((sum, each, i) => sum + each * values[from + i]!, 0) / weight);
    put(low, Math.min(...low.slice(from, to)));
    put(high, Math.max(...high.slice(from, to)));
    put(n, weight);
  }
}
