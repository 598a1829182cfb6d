/** What is counted and measured of any group of calls: a whole run, a phase, an endpoint. */
import type { Histogram } from "../core/histogram.ts";
import { sumSeries } from "../core/ledger.ts";
import { COUNTER, failuresOf, requestsOf, type SeriesDelta } from "../core/snapshot.ts";
import { decimals, measure, ratio } from "./figures.ts";

/** `min`, `mean`, `p50` ... `max` of a histogram, in its unit; null without values. */
export type Spread = Record<string, number | null>;

export interface Totals {
  /** Calls that were sent, failed and cut ones too. */
  readonly requests: number;
  readonly failures: number;
  /** failures / (requests - aborted). */
  readonly error_rate: number;
  /** requests / seconds of the run or the phase, without the drain. */
  readonly rps: number;
  /** Calls that fell due and were never sent; not in `requests`. */
  readonly unsent: number;
  readonly unsent_by: { readonly late: number; readonly limit: number; readonly machine: number };
  /** Cut by Tenfold at the end; neither ok nor failed. */
  readonly aborted: number;
  readonly sent_bytes: number;
  readonly received_bytes: number;
  /** From the time a call was due to its end. */
  readonly latency_ms: Spread;
  /** From the time a call was sent to its end. */
  readonly service_ms: Spread;
}

const ALWAYS = [50, 75, 90, 95, 99, 99.9];

/** The percentiles of a report: those that are always there and those that the config asks for. */
export const percentilesFor = (configured: readonly number[]): number[] =>
  [...new Set([...ALWAYS, ...configured])].sort((a, b) => a - b);

/** A histogram in the words of the report. `percentiles` are in 0..100, and rise. */
export function spreadOf(histogram: Histogram, percentiles: readonly number[]): Spread {
  const found = histogram.percentiles(percentiles.map((p) => p / 100)) ?? [];
  return {
    min: measure(histogram.min),
    mean: measure(histogram.mean),
    ...Object.fromEntries(percentiles.map((p, i) => [`p${p}`, measure(found[i])])),
    max: measure(histogram.max),
  };
}

/** Sums series over `seconds`, the time that rates are taken over. */
export function totalsOf(parts: readonly SeriesDelta[], seconds: number, percentiles: readonly number[]): Totals {
  const { counts, latency, service } = sumSeries(parts);
  const requests = requestsOf(counts);
  const failures = failuresOf(counts);
  const aborted = counts[COUNTER.aborted] ?? 0;
  return {
    requests,
    failures,
    error_rate: ratio(failures, requests - aborted),
    rps: seconds > 0 ? decimals(requests / seconds, 3) : 0,
    unsent: counts[COUNTER.unsent] ?? 0,
    unsent_by: {
      late: counts[COUNTER["unsent-late"]] ?? 0,
      limit: counts[COUNTER["unsent-limit"]] ?? 0,
      machine: counts[COUNTER["unsent-machine"]] ?? 0,
    },
    aborted,
    sent_bytes: counts[COUNTER["sent-bytes"]] ?? 0,
    received_bytes: counts[COUNTER["received-bytes"]] ?? 0,
    latency_ms: spreadOf(latency, percentiles),
    service_ms: spreadOf(service, percentiles),
  };
}
