/** A run second by second, over all endpoints. */
import { ByteReader } from "./bytes.ts";
import { Histogram, mergeHistograms } from "./histogram.ts";
import { Past, type Spanning, spanOf, totalSpan } from "./past.ts";
import { latencyOf } from "./series.ts";
import { COUNTER, FAILED_OUTCOMES, failuresOf, requestsOf, type Snapshot } from "./snapshot.ts";
import type { Thinning } from "./thinning.ts";

/**
 * Scalars of one second, or in a run without an end of the `span` seconds that were merged; `t` is its end in seconds.
 * Percentiles are of the calls that ended in it, in milliseconds.
 */
export interface Second extends Spanning {
  readonly t: number;
  users: number;
  inFlight: number;
  ok: number;
  requests: number;
  failures: number;
  /** `failures` by FAILED_OUTCOMES. */
  readonly failed: number[];
  aborted: number;
  unsent: number;
  p50?: number;
  p95?: number;
  p99?: number;
  /** WINDOW_PERCENTILES over the last 10 s. */
  window: number[];
  /** Of all calls since the start of the run. */
  soFar?: SoFar;
  cpu: number;
}

/** Latency in milliseconds and bytes received, from the start of the run to the end of a second. */
export interface SoFar {
  readonly p50: number;
  readonly mean: number;
  readonly min: number;
  readonly max: number;
  readonly received: number;
}

/** Percentiles kept for each second over its last 10 s, as Locust's history has them. */
export const WINDOW_PERCENTILES = [0.5, 0.66, 0.75, 0.8, 0.9, 0.95, 0.98, 0.99, 0.999, 0.9999, 1] as const;
const WINDOW_SECONDS = 10;

const FAILED = FAILED_OUTCOMES.map((outcome) => COUNTER[outcome]);

/** With the histogram that its percentiles are of, where it is merged with others some day. */
interface KeptSecond extends Second {
  latency?: Uint8Array;
}

const SUMS = ["ok", "requests", "failures", "aborted", "unsent"] as const;

const emptySecond = (t: number): KeptSecond => ({
  t,
  users: 0,
  inFlight: 0,
  ok: 0,
  requests: 0,
  failures: 0,
  failed: FAILED_OUTCOMES.map(() => 0),
  aborted: 0,
  unsent: 0,
  window: [],
  cpu: 0,
});

function setPercentiles(second: Second, latency: Histogram): void {
  [second.p50, second.p95, second.p99] = latency.percentiles([0.5, 0.95, 0.99]) ?? [];
}

const read = (bytes: Uint8Array): Histogram => Histogram.read(new ByteReader(bytes));

/** Neighbours as one: counts are their sums and percentiles of all their calls; users and what was so far are the last's. */
function mergeSeconds(parts: readonly KeptSecond[]): KeptSecond {
  const span = totalSpan(parts);
  const histograms = parts.flatMap(({ latency }) => (latency === undefined ? [] : [read(latency)]));
  const latency = mergeHistograms(histograms);
  const cpu = parts.reduce((sum, part) => sum + spanOf(part) * part.cpu, 0) / span;
  const failed = FAILED_OUTCOMES.map((_, i) => parts.reduce((sum, part) => sum + part.failed[i]!, 0));
  const whole: KeptSecond = { ...parts.at(-1)!, span, latency: latency.toBytes(), cpu, failed };
  for (const key of SUMS) whole[key] = parts.reduce((sum, part) => sum + part[key], 0);
  setPercentiles(whole, latency);
  return whole;
}

/** As a result file has it. */
const tenths = (value: number): number => Number(value.toFixed(1));

export class Seconds {
  readonly entries: Second[] = [];
  private readonly past: Past<KeptSecond>;
  private readonly thinning: Thinning;
  /** The last WINDOW_SECONDS, and all of them together. */
  private readonly recent: Histogram[] = [];
  private readonly window = new Histogram();
  private readonly latency = new Histogram();
  private received = 0;
  private highestCpu = 0;

  constructor(thinning: Thinning) {
    this.thinning = thinning;
    this.past = new Past({ entries: this.entries, thinning, empty: emptySecond, merge: mergeSeconds });
  }

  /** Adds a snapshot; to the counts of its second only, where it comes late. */
  add(snapshot: Snapshot): void {
    const second: KeptSecond = this.past.at(Math.round(snapshot.from / 1000) + 1);
    this.count(second, snapshot);
    if (snapshot.late) return;
    second.users = snapshot.users;
    second.inFlight = snapshot.inFlight;
    second.cpu = snapshot.cpu;
    this.highestCpu = Math.max(this.highestCpu, snapshot.cpu);
    this.time(second, latencyOf(snapshot.series));
  }

  /** CPU of the generator's process; 100 is one core. */
  cpu(): { readonly mean: number; readonly max: number } {
    const sum = this.entries.reduce((total, second) => total + spanOf(second) * second.cpu, 0);
    return { mean: tenths(sum / Math.max(1, totalSpan(this.entries))), max: tenths(this.highestCpu) };
  }

  private count(second: Second, { series }: Snapshot): void {
    for (const { counts } of series) {
      second.ok += counts[COUNTER.ok]!;
      second.requests += requestsOf(counts);
      second.failures += failuresOf(counts);
      for (let i = 0; i < FAILED.length; i++) second.failed[i]! += counts[FAILED[i]!]!;
      second.aborted += counts[COUNTER.aborted]!;
      second.unsent += counts[COUNTER.unsent]!;
      this.received += counts[COUNTER["received-bytes"]]!;
    }
  }

  private time(second: KeptSecond, latency: Histogram): void {
    setPercentiles(second, latency);
    second.soFar = this.soFar(latency);
    this.slide(latency);
    second.window = this.window.percentiles(WINDOW_PERCENTILES) ?? [];
    if (this.thinning.mayMerge(second.t)) second.latency = latency.toBytes();
  }

  private slide(latest: Histogram): void {
    const { recent, window } = this;
    recent.push(latest);
    window.merge(latest);
    if (recent.length > WINDOW_SECONDS) window.remove(recent.shift()!);
    window.min = Math.min(...recent.map(({ min }) => min));
    window.max = Math.max(...recent.map(({ max }) => max));
  }

  private soFar(latest: Histogram): SoFar | undefined {
    this.latency.merge(latest);
    const { count, sum, min, max } = this.latency;
    if (count === 0) return undefined;
    return { p50: this.latency.percentile(0.5)!, mean: sum / count, min, max, received: this.received };
  }
}
