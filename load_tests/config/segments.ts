/** Lays spans of load end to end as straight segments and named phases. */
import type { Flow, Ms, Phase, Segment } from "../core/model.ts";
import { type Canvas, moved, plainSegments, shapeSegments } from "./shape.ts";
import { isShape, type Level } from "./shape_schema.ts";

/** A phase before it has a place in time. */
export interface Span {
  readonly name: string;
  /** A flat level, reached at `spawnRate` or at once; a straight line over the span, from the level before if not said; or a shape. */
  readonly level: Level;
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

/** A span's segments, from its own start. */
export const segmentsOf = ({ level, spawnRate }: Pick<Span, "level" | "spawnRate">, canvas: Canvas): Segment[] =>
  typeof level === "object" && isShape(level) ? shapeSegments(level, canvas) : plainSegments(level, canvas, spawnRate);

const phaseOf = ({ name, duration, measured, spawnRate }: Span, start: Ms): Phase => ({
  ...{ name, start, duration, measured },
  ...(spawnRate === undefined ? {} : { spawnRate }),
});

export interface LayoutOptions {
  readonly seed: number;
  readonly drive: Flow["drive"];
}

/** The spans one after the other, from a level of 0. */
export function layOut(spans: readonly Span[], { seed, drive }: LayoutOptions): Layout {
  const segments: Segment[] = [];
  const phases: Phase[] = [];
  const short: { name: string; level: number; reached: number }[] = [];
  let start = 0;
  for (const [index, span] of spans.entries()) {
    const before = segments.at(-1)?.to ?? 0;
    const canvas: Canvas = { duration: span.duration, before, whole: drive === "users", stream: [seed, index] };
    segments.push(...moved(segmentsOf(span, canvas), start));
    phases.push(phaseOf(span, start));
    const reached = segments.at(-1)!.to;
    if (typeof span.level === "number" && reached !== span.level)
      short.push({ name: span.name, level: span.level, reached });
    start += span.duration;
  }
  return { segments, phases, short };
}
