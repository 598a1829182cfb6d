/** The shape of a result file, as files from elsewhere are checked by. */
import { z } from "zod";
import { countsSchema, endSchema, failureSchema, noticeSchema, slowCallSchema } from "../core/run_schema.ts";
import { ENCODING } from "./histograms.ts";
import { resourceSchema } from "./resources.ts";

const number = z.number();
const whole = number.int().min(0);
const criterion = z.object({
  criterion: z.string(),
  scope: z.string(),
  status: z.enum(["pass", "fail", "unknown"]),
  observed: z.number().nullable(),
  limit: z.number().nullable(),
  unit: z.string().nullable(),
  why: z.string(),
});

const reference = z.object({
  run_id: z.string(),
  scenario: z.string(),
  started_at: z.string(),
  git_sha: z.string().nullable(),
});
const optional = z.number().nullable();
const comparison = z.object({
  baseline: z.array(reference),
  current: z.array(reference),
  comparable: z.boolean(),
  why: z.string().nullable(),
  differences: z.array(z.string()),
  verdict: z.enum(["regressed", "improved", "unchanged", "inconclusive"]),
  changes: z.array(
    z.object({
      endpoint: z.string(),
      service: z.string().nullable(),
      phase: z.string(),
      metric: z.string(),
      unit: z.string(),
      ...{ baseline: optional, current: optional, difference: optional, change: optional, needs_runs: optional },
      interval: z.tuple([z.number(), z.number()]).nullable(),
      verdict: z.enum(["regressed", "improved", "unchanged", "inconclusive"]),
    }),
  ),
});
const sideBySide = z.object({
  baseline: reference,
  rows: z.array(
    z.object({ metric: z.string(), unit: z.string(), baseline: optional, current: optional, ratio: optional }),
  ),
});

export const resultSchema = z.object({
  format: z.literal(1),
  ended: endSchema.shape.ended,
  ended_at: endSchema.shape.endedAt,
  verdict: z.enum(["pass", "fail", "unknown", "regressed"]),
  exit_code: z.union([0, 1, 97, 98, 99, 105].map((code) => z.literal(code))),
  criteria: z.array(criterion).max(100_000),
  generator: z.object({ healthy: z.boolean(), cpu_percent: z.object({ mean: number, max: number }) }),
  notices: z.array(noticeSchema).max(100_000),
  resources: z.array(resourceSchema).max(2000),
  comparison: comparison.nullable(),
  beside_baseline: sideBySide.nullable(),
  histograms: z.object({
    encoding: z.literal(ENCODING, "its histograms are written as another version of Tenfold does"),
    series: z.array(z.object({ op: whole, phase: whole, counts: countsSchema, data: z.string() })).max(1_000_000),
    blocks: z.array(
      z.object({
        from_s: z.number().min(0),
        to_s: z.number().min(0),
        series: z.array(z.tuple([whole, whole])),
        data: z.string(),
      }),
    ),
    lateness: z.string(),
    event_loop_delay: z.string(),
    run: z.object({
      header: z.unknown(),
      stamp: z.string().regex(/^[\w-]{0,60}$/),
      why: z.string().nullable(),
      duration_ms: endSchema.shape.duration,
      failures: z.array(failureSchema),
      slowest: z.array(slowCallSchema),
      seconds: z.string(),
    }),
  }),
});
export type Result = z.infer<typeof resultSchema>;
export type Stored = Result["histograms"];
