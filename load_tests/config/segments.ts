/** Lays spans of load end to end as straight segments and named phases. */
import type { Ms, Phase, Segment } from "../core/model.ts";

/** A phase before it has a place in time. */
export interface Span {
  readonly name: string;
  /** A flat level, reached at `spawnRate` or at once; or a straight line over the span, from the level before if not said. */
  readonly level: number | { readonly from?: number | undefined; readonly to: number };
  /** Users per second; undefined is at once. */
  readonly spawnRate?: number | undefined;
  readonly duration: Ms;
  readonly measured: boolean;
}

export interface Layout {
  readonly segments: readonly Segment[];
  readonly phases: readonly Phase[];
  /** Spans that end before their level is reached, and what they reach. */
  readonly short: readonly { readonly name: string; readonly level: number; readonly reached: number }[];
}

/** A span's segments: a ramp of |difference| / spawnRate seconds, cut at the span's end, then the level. */
function segmentsOf({ level, spawnRate, duration }: Span, start: Ms, before: number): Segment[] {
  if (typeof level === "object") return [{ start, duration, from: level.from ?? before, to: level.to }];
  const full = spawnRate === undefined ? 0 : (Math.abs(level - before) / spawnRate) * 1000;
  if (full === 0) return [{ start, duration, from: level, to: level }];
  const ramp = Math.min(full, duration);
  const reached = ramp < full ? before + ((level - before) * ramp) / full : level;
  const rise = { start, duration: ramp, from: before, to: reached };
  return ramp < duration ? [rise, { start: start + ramp, duration: duration - ramp, from: level, to: level }] : [rise];
}

/** The spans one after the other, from a level of 0. */
export function layOut(spans: readonly Span[]): Layout {
  const segments: Segment[] = [];
  const phases: Phase[] = [];
  const short: { name: string; level: number; reached: number }[] = [];
  let start = 0;
  for (const span of spans) {
    segments.push(...segmentsOf(span, start, segments.at(-1)?.to ?? 0));
    phases.push({ name: span.name, start, duration: span.duration, measured: span.measured });
    const reached = segments.at(-1)!.to;
    if (typeof span.level === "number" && reached !== span.level)
      short.push({ name: span.name, level: span.level, reached });
    start += span.duration;
  }
  return { segments, phases, short };
}
