/** How latencies are spread, for a log axis: calls in bins of equal ratio, and where the percentiles lie. */
import { terminal } from "../core/escape.ts";
import type { Histogram } from "../core/histogram.ts";
import { mergeHistograms } from "../core/histogram.ts";
import type { RunResult } from "../core/ledger.ts";
import { callsByEndpoint } from "./endpoints.ts";
import { measure } from "./figures.ts";
import { endpointLabels } from "./sections.ts";

/** Bin i goes from 10^(i / 20) to 10^((i + 1) / 20) milliseconds: a ratio of 1.12. */
const BINS_PER_DECADE = 20;
/** A microsecond: what is faster, or 0, stands in its bin. */
const LOWEST_BIN = -3 * BINS_PER_DECADE;

export interface Distribution {
  readonly name: string;
  readonly count: number;
  /** Number of the first bin; its calls and those of the bins after it. */
  readonly first: number;
  readonly bins: readonly number[];
  readonly marks: readonly { name: string; ms: number | null }[];
}

export function distributionOf(name: string, latency: Histogram): Distribution {
  const bins = new Map<number, number>();
  const add = (bin: number, count: number) => count > 0 && bins.set(bin, (bins.get(bin) ?? 0) + count);
  add(LOWEST_BIN, latency.zeros + latency.negatives);
  latency.forEachValue((value, count) =>
    add(Math.max(LOWEST_BIN, Math.floor(Math.log10(value) * BINS_PER_DECADE)), count),
  );
  const numbers = [...bins.keys()];
  const first = numbers.length === 0 ? 0 : Math.min(...numbers);
  const last = numbers.length === 0 ? -1 : Math.max(...numbers);
  return {
    name,
    count: latency.count,
    first,
    bins: Array.from({ length: last - first + 1 }, (_, i) => bins.get(first + i) ?? 0),
    marks: [50, 95, 99].map((p) => ({ name: `p${p}`, ms: measure(latency.percentile(p / 100)) })),
  };
}

/** Of all calls, then of each endpoint that was called. */
export function distributions(result: RunResult): { perDecade: number; parts: Distribution[] } {
  const calls = callsByEndpoint(result);
  const labels = endpointLabels(calls.map(({ info }) => info));
  const latency = (series: RunResult["series"]) => mergeHistograms(series.map((each) => each.latency));
  const each = calls.map(({ series }, i) => distributionOf(terminal(labels[i]!), latency(series)));
  return {
    perDecade: BINS_PER_DECADE,
    parts: [distributionOf("all endpoints", latency(result.series)), ...each.filter(({ count }) => count > 0)],
  };
}
