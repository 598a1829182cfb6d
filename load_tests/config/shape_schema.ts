/** How levels of users and arrivals are written: a number, a straight line, or a shape. */
import { z } from "zod";
import { duration } from "../core/fields.ts";
import type { Ms } from "../core/model.ts";

export interface Line {
  readonly from?: number | undefined;
  readonly to: number;
}

/** A level over time. Levels in users or arrivals per second, times in milliseconds. */
export type Shape =
  | { readonly sine: { readonly mean: number; readonly amplitude: number; readonly period: Ms } }
  | { readonly steps: { readonly start: number; readonly step: number; readonly every: Ms } }
  | { readonly points: Points }
  | { readonly random_walk: Walk }
  | { readonly repeat: { readonly times: number; readonly phases: readonly Block[] } };

/** Levels at times, joined by straight lines; before it is read the name of the file that has them. */
export type Points = string | readonly (readonly [Ms, number])[];

export interface Walk {
  readonly start: number;
  /** Greatest change at a time, up or down. */
  readonly step: number;
  readonly every: Ms;
  readonly min: number;
  readonly max: number;
}

export interface Block {
  readonly users?: number | Line | undefined;
  readonly rate?: number | Line | undefined;
  readonly spawn_rate?: number | undefined;
  readonly duration: Ms;
}

export type Level = number | Line | Shape;

export const isShape = (level: Level): level is Shape => typeof level === "object" && !("to" in level);
export const isLine = (level: Level): level is Line => typeof level === "object" && "to" in level;

const SHAPES = ["sine", "steps", "points", "random_walk", "repeat"] as const;
const time = duration.refine((ms) => ms > 0, "expected a duration over 0");
const spawnRate = z.number().positive();

const line = (level: z.ZodType<number>) => z.union([level, z.strictObject({ from: level.optional(), to: level })]);

const sine = (level: z.ZodType<number>) =>
  z.strictObject({ mean: level, amplitude: level, period: time }).refine(({ mean, amplitude }) => amplitude <= mean, {
    path: ["amplitude"],
    message: "expected at most the mean: a load is never below 0",
  });

const walk = (level: z.ZodType<number>) =>
  z
    .strictObject({ start: level, step: z.number().positive(), every: time, min: level, max: level })
    .refine(({ start, min, max }) => min <= start && start <= max, {
      path: ["start"],
      message: "expected a start from min to max",
    });

const point = z.tuple([duration, z.number().nonnegative()]);
const inOrder = (list: readonly (readonly [Ms, number])[]): boolean =>
  list.every(([t], i) => i === 0 || t >= list[i - 1]![0]);

/** `users` or `rate`: a number, a straight line { from, to } over the phase, or a shape. */
export function levelSchema(key: "users" | "rate", level: z.ZodType<number>) {
  const block = z.strictObject({ [key]: line(level), spawn_rate: spawnRate.optional(), duration: time });
  const shaped = z
    .strictObject({
      from: level.optional(),
      to: level.optional().describe("A straight line over the phase, from the level before where `from` is absent"),
      sine: sine(level).optional().describe("mean + amplitude sin(2 pi t / period)"),
      steps: z
        .strictObject({ start: level, step: z.number(), every: time })
        .optional()
        .describe("A staircase: a step more (or less) each time, never below 0"),
      points: z
        .union([z.string().min(1), z.array(point).min(2).refine(inOrder, "expected times in rising order")])
        .optional()
        .describe("A CSV with the columns t,value, or [[t, value], ...]: levels joined by straight lines"),
      random_walk: walk(level).optional().describe("Each time up or down by at most a step, from the seed"),
      repeat: z
        .strictObject({ times: z.int().min(1).max(10_000), phases: z.array(block).min(1) })
        .optional()
        .describe("A block of phases, so often"),
    })
    .transform((written, ctx): Line | Shape => {
      const found = (["to", ...SHAPES] as const).filter((each) => written[each] !== undefined);
      if (ctx.issues.length === 0 && written.from !== undefined && found.length === 0)
        ctx.addIssue({ code: "custom", path: ["to"], message: "expected a number" });
      if (ctx.issues.length === 0 && found.length !== 1)
        ctx.addIssue({ code: "custom", message: `expected one of to, ${SHAPES.join(", ")}${alsoFound(found)}` });
      if (ctx.issues.length === 0 && written.from !== undefined && written.to === undefined)
        ctx.addIssue({ code: "custom", path: ["from"], message: "`from` goes with `to`" });
      return written as Line | Shape;
    });
  return z.union([level, shaped]);
}

const alsoFound = (found: readonly string[]): string => (found.length === 0 ? "" : `, found ${found.join(" and ")}`);
