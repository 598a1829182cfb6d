/**
 * When a service is back at its level after stress. Windows of `w` seconds start each second; a window is inside when
 * the median of its seconds' ln p95 is within the band of the level before and its failures are no more than that
 * level explains. Recovery is the first second whose window is inside and 90 % of the next 10 + w windows with it.
 */
import type { WatchedSecond } from "../core/ledger.ts";
import { binomialQuantile } from "./binomial.ts";

/** Requests that a window must hold for its p95 to tell a change of the band's width. */
export const REQUESTS_A_WINDOW = 500;
const SHORTEST_WINDOW = 5;
const LEAST_BAND = Math.log(1.15);
/** Scale of the median absolute deviation to a normal's standard deviation. */
const MAD_SCALE = 1.4826;
const LEAST_ERROR_RATE = 1e-4;
const TOLERATED_ERRORS = 0.01;

type Seconds = readonly (WatchedSecond | undefined)[];

/** Seconds that a window needs at a rate of calls a second. */
export const windowAt = (perSecond: number): number =>
  Math.max(SHORTEST_WINDOW, Math.ceil(REQUESTS_A_WINDOW / perSecond));

/** Seconds at the end of the after-phase in which no recovery can be seen any more. */
const blindSeconds = (w: number): number => 14 + w;

export interface Level {
  readonly perSecond: number;
  readonly errorRate: number;
  /** ln of milliseconds. */
  readonly median: number;
  readonly band: number;
}

export function median(values: readonly number[]): number | undefined {
  if (values.length === 0) return undefined;
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** A second with calls outstanding and none ended lies above every band; one without calls says nothing. */
function lnP95(second: WatchedSecond | undefined): number | undefined {
  if (second === undefined) return undefined;
  if (second.n > 0 && second.p95 !== undefined) return Math.log(Math.max(second.p95, 1e-6));
  return second.inFlight > 0 ? Number.POSITIVE_INFINITY : undefined;
}

const medianOf = (seconds: Seconds): number | undefined =>
  median(seconds.map(lnP95).filter((value) => value !== undefined));

const total = (seconds: Seconds, key: "n" | "failures"): number =>
  seconds.reduce((sum, second) => sum + (second?.[key] ?? 0), 0);

export const rateOf = (seconds: Seconds): number => total(seconds, "n") / Math.max(1, seconds.length);

/** The level of a stretch of seconds, from all its windows; null where no window has a finite median. */
export function levelOf(seconds: Seconds, w: number): Level | null {
  const medians: number[] = [];
  for (let t = 0; t + w <= seconds.length; t++) {
    const value = medianOf(seconds.slice(t, t + w));
    if (value !== undefined) medians.push(value);
  }
  const middle = median(medians);
  if (middle === undefined || !Number.isFinite(middle)) return null;
  const deviation = median(medians.map((value) => Math.abs(value - middle)))!;
  return {
    perSecond: rateOf(seconds),
    errorRate: total(seconds, "failures") / Math.max(1, total(seconds, "n")),
    median: middle,
    band: Math.max(LEAST_BAND, 3 * MAD_SCALE * deviation),
  };
}

/** Failures that n calls may have at the level's own rate. */
const tolerated = (n: number, { errorRate }: Level): number =>
  Math.max(TOLERATED_ERRORS * n, binomialQuantile(0.999, n, Math.min(1, 1.5 * Math.max(errorRate, LEAST_ERROR_RATE))));

function isInside(window: Seconds, level: Level): boolean {
  const value = medianOf(window);
  if (value === undefined || !(value <= level.median + level.band)) return false;
  return total(window, "failures") <= tolerated(total(window, "n"), level);
}

/** For each second of a stretch in which a whole window fits: whether it is inside. */
export function insideOf(seconds: Seconds, w: number, level: Level): boolean[] {
  return Array.from({ length: Math.max(0, seconds.length - w + 1) }, (_, t) =>
    isInside(seconds.slice(t, t + w), level),
  );
}

/** First second of recovery; undefined where there is none up to the last that can tell. */
export function recoveredAt(inside: readonly boolean[], w: number): number | undefined {
  const last = inside.length - 1 + w - blindSeconds(w);
  for (let t = 0; t <= last; t++) {
    const next = inside.slice(t, t + 10 + w);
    if (inside[t] && next.filter(Boolean).length >= 0.9 * next.length) return t;
  }
  return undefined;
}

/** Whether recovery by second `t` is excluded by the windows that were seen, however the run had gone on. */
export function isExcluded(inside: readonly boolean[], w: number, t: number): boolean {
  if (t >= inside.length) return false;
  const outside = inside.slice(t, t + 10 + w).filter((each) => !each).length;
  return !inside[t] || outside > 0.1 * (10 + w);
}
