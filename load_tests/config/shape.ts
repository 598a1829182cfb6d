/** Shapes of load, cut into straight segments. */
import type { Ms, Segment } from "../core/model.ts";
import { randomStream, uniform } from "../core/random.ts";
import { type Block, isLine, type Level, type Line, type Shape, type Walk } from "./shape_schema.ts";

/** Where a shape is laid. */
export interface Canvas {
  readonly duration: Ms;
  /** The level before, which lines begin at. */
  readonly before: number;
  /** Levels that are drawn are whole: of users. */
  readonly whole: boolean;
  /** Of the random walk. */
  readonly stream: readonly [seed: number, ...rest: number[]];
}

/**
 * Chords of one period of a sine. None is further from the curve than amplitude (1 - cos(pi / 64)), 0.12 % of it; over
 * half a period the area is short by 0.08 % of the wave's, over a whole one it is exact.
 */
const CHORDS = 64;
const STREAM = 0x0e;
/** Pieces that a shape may be cut into. */
export const MOST_PIECES = 10_000;

const flat = (start: Ms, duration: Ms, level: number): Segment => ({ start, duration, from: level, to: level });

/** Segments from a list of levels at times, jumps where two stand at one time. */
const joined = (points: readonly (readonly [Ms, number])[]): Segment[] =>
  points.slice(1).flatMap(([t, to], i) => {
    const [start, from] = points[i]!;
    return t > start ? [{ start, duration: t - start, from, to }] : [];
  });

/** Segments of a function of the number of a step. */
const stairs = (every: Ms, duration: Ms, level: (k: number) => number): Segment[] =>
  Array.from({ length: Math.ceil(duration / every - 1e-9) }, (_, k) => flat(k * every, every, level(k)));

function sineSegments({ mean, amplitude, period }: Extract<Shape, { sine: unknown }>["sine"], duration: Ms): Segment[] {
  const at = (k: number): [Ms, number] => [
    (k * period) / CHORDS,
    Math.max(0, mean + amplitude * Math.sin((2 * Math.PI * (k % CHORDS)) / CHORDS)),
  ];
  return joined(Array.from({ length: Math.ceil((duration / period) * CHORDS) + 1 }, (_, k) => at(k)));
}

function walkSegments({ start, step, every, min, max }: Walk, { duration, whole, stream }: Canvas): Segment[] {
  const random = randomStream(stream[0], STREAM, ...stream.slice(1));
  let level = start;
  return stairs(every, duration, (k) => {
    if (k > 0) level = turnedBack(level + uniform(random, -step, step), min, max);
    return whole ? Math.round(level) : level;
  });
}

/** A wanderer who meets a wall turns back by as much as was left to go. */
function turnedBack(level: number, min: number, max: number): number {
  const back = level < min ? 2 * min - level : level > max ? 2 * max - level : level;
  return Math.min(max, Math.max(min, back));
}

const levelOf = ({ users, rate }: Block): number | Line => users ?? rate ?? 0;

/** A flat level, reached at `spawnRate` (per second) or at once; or a straight line over the span. */
export function plainSegments(level: number | Line, { duration, before }: Canvas, spawnRate?: number): Segment[] {
  if (typeof level === "object") return [{ start: 0, duration, from: level.from ?? before, to: level.to }];
  const full = spawnRate === undefined ? 0 : (Math.abs(level - before) / spawnRate) * 1000;
  if (full === 0) return [flat(0, duration, level)];
  const ramp = Math.min(full, duration);
  const reached = ramp < full ? before + ((level - before) * ramp) / full : level;
  const rise = { start: 0, duration: ramp, from: before, to: reached };
  return ramp < duration ? [rise, flat(ramp, duration - ramp, level)] : [rise];
}

function repeatSegments(times: number, phases: readonly Block[], canvas: Canvas): Segment[] {
  const segments: Segment[] = [];
  let start = 0;
  for (let i = 0; i < times && start < canvas.duration; i++)
    for (const block of phases) {
      const before = segments.at(-1)?.to ?? canvas.before;
      const within = { ...canvas, duration: block.duration, before };
      segments.push(...moved(plainSegments(levelOf(block), within, block.spawn_rate), start));
      start += block.duration;
    }
  return segments;
}

export const moved = (segments: readonly Segment[], by: Ms): Segment[] =>
  segments.map((each) => ({ ...each, start: each.start + by }));

function uncut(shape: Shape, canvas: Canvas): Segment[] {
  if ("sine" in shape) return sineSegments(shape.sine, canvas.duration);
  if ("random_walk" in shape) return walkSegments(shape.random_walk, canvas);
  if ("repeat" in shape) return repeatSegments(shape.repeat.times, shape.repeat.phases, canvas);
  if ("points" in shape) return typeof shape.points === "string" ? [] : joined(fromTheStart(shape.points));
  const { start, step, every } = shape.steps;
  return stairs(every, canvas.duration, (k) => Math.max(0, start + k * step));
}

const fromTheStart = (points: readonly (readonly [Ms, number])[]): (readonly [Ms, number])[] =>
  points[0]![0] > 0 ? [[0, points[0]![1]], ...points] : [...points];

/** The shape as segments that fill the duration: it ends there, and is held at its last level where it is shorter. */
export function shapeSegments(shape: Shape, canvas: Canvas): Segment[] {
  const { duration } = canvas;
  const segments = uncut(shape, canvas)
    .filter(({ start }) => start < duration)
    .map((each) => endedAt(each, duration));
  const last = segments.at(-1);
  const end = last === undefined ? 0 : last.start + last.duration;
  return end < duration ? [...segments, flat(end, duration - end, last?.to ?? 0)] : segments;
}

function endedAt(segment: Segment, end: Ms): Segment {
  const { start, duration, from, to } = segment;
  const left = end - start;
  return duration <= left ? segment : { start, duration: left, from, to: from + ((to - from) * left) / duration };
}

/** Pieces that a shape is cut into. */
export function pieces(shape: Shape, duration: Ms): number {
  if ("sine" in shape) return (duration / shape.sine.period) * CHORDS;
  if ("random_walk" in shape) return duration / shape.random_walk.every;
  if ("repeat" in shape) return shape.repeat.times * shape.repeat.phases.length * 2;
  return "points" in shape ? shape.points.length : duration / shape.steps.every;
}

/** The highest level that may be reached. */
export function topOf(level: Level, duration: Ms): number {
  if (typeof level === "number") return level;
  if (isLine(level)) return Math.max(level.from ?? 0, level.to);
  if ("random_walk" in level) return level.random_walk.max;
  if ("sine" in level) return level.sine.mean + level.sine.amplitude;
  if ("points" in level) return typeof level.points === "string" ? 0 : Math.max(...level.points.map(([, top]) => top));
  if ("repeat" in level) return Math.max(...level.repeat.phases.map((block) => topOf(levelOf(block), block.duration)));
  const { start, step, every } = level.steps;
  return Math.max(start, start + step * (Math.ceil(duration / every) - 1));
}

/** How long a shape is by itself; undefined where it goes on for ever. */
export function lengthOf(shape: Shape): Ms | undefined {
  if ("repeat" in shape)
    return shape.repeat.times * shape.repeat.phases.reduce((sum, { duration }) => sum + duration, 0);
  return "points" in shape && typeof shape.points !== "string" ? shape.points.at(-1)![0] : undefined;
}

/** The level with every value in it changed. */
export function scaled(level: Level, by: (value: number) => number): Level {
  if (typeof level === "number") return by(level);
  if (isLine(level)) return { to: by(level.to), ...(level.from === undefined ? {} : { from: by(level.from) }) };
  if ("sine" in level) {
    const { mean, amplitude, period } = level.sine;
    return { sine: { mean: by(mean), amplitude: Math.min(by(mean), by(amplitude)), period } };
  }
  if ("steps" in level) {
    const { start, step, every } = level.steps;
    return { steps: { start: by(start), step: Math.sign(step) * by(Math.abs(step)), every } };
  }
  if ("random_walk" in level) {
    const { start, step, min, max, every } = level.random_walk;
    return { random_walk: { start: by(start), step: by(step), min: by(min), max: by(max), every } };
  }
  if ("points" in level)
    return typeof level.points === "string" ? level : { points: level.points.map(([t, value]) => [t, by(value)]) };
  const block = (each: Block): Block => {
    const key = each.users === undefined ? "rate" : "users";
    return { ...each, [key]: scaled(levelOf(each), by) };
  };
  return { repeat: { times: level.repeat.times, phases: level.repeat.phases.map(block) } };
}
