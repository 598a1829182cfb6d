/**
 * When load falls due: pure functions of a flow's segments. Arrival k (from 0) is due when the area under the rate
 * reaches k; user k is there while the level is above k. A share i of n takes every n-th of either from i.
 */
import type { Arrivals, Flow, Ms, Segment, Share } from "./model.ts";
import { exponential, gamma, type Random, randomStream } from "./random.ts";

/** Area under a segment: arrivals, where levels are per second. */
const area = (s: Segment): number => (s.duration / 1000) * ((s.from + s.to) / 2);

/** Arrivals that fall due over all segments. */
export const expectedArrivals = (segments: readonly Segment[]): number => segments.reduce((sum, s) => sum + area(s), 0);

/** The level of the flow at time t (users, or arrivals per second); 0 outside its segments. */
export function levelAt(segments: readonly Segment[], t: Ms): number {
  const s = segments.findLast((each) => t >= each.start);
  if (s === undefined || t >= s.start + s.duration) return 0;
  return s.from + ((s.to - s.from) * (t - s.start)) / s.duration;
}

/** Time at which the area under one segment reaches c: the root of b t + a t^2 = c that does not cancel for small a. */
function timeOfArea(s: Segment, c: number): Ms {
  if (c <= 0) return s.start;
  const b = s.from;
  const a = (s.to - s.from) / (2 * (s.duration / 1000));
  const root = b + Math.sqrt(Math.max(0, b * b + 4 * a * c));
  return Math.min(s.start + s.duration, s.start + (1000 * 2 * c) / root);
}

/** Maps areas, asked in rising order, to times; undefined past the last. An area on a pause is due at its end. */
function areaClock(segments: readonly Segment[]): (at: number) => Ms | undefined {
  let index = 0;
  let before = 0;
  return (at) => {
    while (index < segments.length && before + area(segments[index]!) <= at + 1e-9) before += area(segments[index++]!);
    return index < segments.length ? timeOfArea(segments[index]!, at - before) : undefined;
  };
}

/** Areas of arrivals 0, 1, 2 ...: whole numbers when even, else sums of random gaps of mean 1. */
function areas(arrivals: Arrivals, random: Random): () => number {
  let next = 0;
  if (arrivals === "even") return () => next++;
  const shape = arrivals === "poisson" ? 1 : 1 / (arrivals.cv * arrivals.cv);
  return () => {
    next += shape === 1 ? exponential(random) : gamma(random, shape);
    return next;
  };
}

export interface Arrival {
  /** Number of the arrival in the whole flow, from 0. */
  readonly index: number;
  readonly due: Ms;
}

/** The arrivals of one share of a flow, in order; each call gives the next, undefined after the last. */
export function arrivalsOf(flow: Flow, seed: number, flowIndex: number, share: Share): () => Arrival | undefined {
  const clock = areaClock(flow.segments);
  const nextArea = areas(flow.arrivals, randomStream(seed, 0x0a, flowIndex));
  let index = -1;
  return () => {
    for (;;) {
      const due = clock(nextArea());
      index++;
      if (due === undefined) return undefined;
      if (index % share.of === share.index) return { index, due };
    }
  };
}

/** A span in which one user is there. */
export interface Presence {
  readonly from: Ms;
  readonly to: Ms;
}

/** The most users at once. */
export const peakUsers = (segments: readonly Segment[]): number =>
  segments.reduce((most, s) => Math.max(most, Math.ceil(Math.max(s.from, s.to) - 1e-9)), 0);

/** When user k is there: each span in which the level is above k. */
export function presencesOf(segments: readonly Segment[], k: number): Presence[] {
  const spans: { from: Ms; to: Ms }[] = [];
  for (const s of segments) {
    if (Math.max(s.from, s.to) <= k + 1e-9) continue;
    const span = { from: s.start, to: s.start + s.duration };
    const crossing = s.start + (s.duration * (k - s.from)) / (s.to - s.from);
    if (s.from <= k) span.from = crossing;
    if (s.to <= k) span.to = crossing;
    const last = spans.at(-1);
    if (last !== undefined && last.to >= span.from - 1e-6) last.to = span.to;
    else spans.push(span);
  }
  return spans;
}

/** User-seconds of a flow over a span. */
export function areaBetween(segments: readonly Segment[], from: Ms, to: Ms): number {
  let sum = 0;
  for (const s of segments) {
    const start = Math.max(from, s.start);
    const end = Math.min(to, s.start + s.duration);
    if (end <= start) continue;
    const level = (t: Ms) => s.from + ((s.to - s.from) * (t - s.start)) / s.duration;
    sum += ((end - start) / 1000) * ((level(start) + level(end)) / 2);
  }
  return sum;
}
