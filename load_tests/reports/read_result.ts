/** Reads a result file back into the report that it was written from. The file may come from anywhere. */
import { inflateSync } from "node:zlib";
import { z } from "zod";
import { ByteReader } from "../core/bytes.ts";
import { DamagedResult, parseBounded, RESULT_LIMITS } from "../core/damaged.ts";
import { Histogram } from "../core/histogram.ts";
import type { Block, RunResult, Second, Series } from "../core/ledger.ts";
import type { RunHeader } from "../core/model.ts";
import type { Report } from "../core/plugin.ts";
import {
  checked,
  checkPlaces,
  countsSchema,
  endSchema,
  failureSchema,
  noticeSchema,
  readHeader,
  slowCallSchema,
} from "../core/run_schema.ts";
import { FAILED_OUTCOMES } from "../core/snapshot.ts";
import { endpointIndexes } from "./endpoints.ts";
import { ENCODING } from "./histograms.ts";
import { resourceSchema, storedResource } from "./resources.ts";
import { PERCENTILE_KEYS, SECOND_KEYS, SO_FAR_KEYS } from "./stored_run.ts";

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

const resultSchema = z.object({
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
type Result = z.infer<typeof resultSchema>;
type Stored = Result["histograms"];

const MEGABYTE = 1024 * 1024;
/** Of all that a file's texts inflate to, and of the histograms that are kept as such. */
const MOST_INFLATED = 384 * MEGABYTE;
const MOST_HISTOGRAMS = 384 * MEGABYTE;
/** A run of two weeks. */
const MOST_SECONDS = 14 * 86_400;

/** What one file may still take of memory. */
interface Room {
  inflated: number;
  histograms: number;
}

function inflated(text: string, room: Room): Buffer {
  const bytes = inflateSync(Buffer.from(text, "base64"), { maxOutputLength: Math.max(1, room.inflated) });
  room.inflated -= bytes.length;
  return bytes;
}

function histogramsIn(text: string, number: number, room: Room): Histogram[] {
  const reader = new ByteReader(inflated(text, room), room.histograms);
  const histograms = Array.from({ length: number }, () => Histogram.read(reader));
  if (!reader.done) throw new DamagedResult("it has histograms that belong to nothing");
  room.histograms = reader.roomLeft;
  return histograms;
}

function seriesOf({ series }: Stored, header: RunHeader, room: Room): Series[] {
  return series.map(({ op, phase, counts, data }) => {
    const info = header.ops[op]!;
    const [latency, service, ...metrics] = histogramsIn(data, 2 + info.metrics.length, room);
    return { op, phase, info, counts, latency: latency!, service: service!, metrics };
  });
}

/** The histograms of a block stay in their binary form; each is read once, so that only sound ones are kept. */
function blockOf({ from_s, to_s, series, data }: Stored["blocks"][number], ops: readonly number[], room: Room): Block {
  const reader = new ByteReader(inflated(data, room));
  const next = (): Uint8Array => {
    const start = reader.position;
    Histogram.read(reader);
    return reader.since(start);
  };
  const read = series.map(([endpoint, phase]) => {
    const op = ops[endpoint];
    if (op === undefined) throw new DamagedResult("a block speaks of an endpoint that the run does not have");
    return { op, phase, latency: next(), service: next() };
  });
  if (!reader.done) throw new DamagedResult("a block has histograms that belong to nothing");
  return { from: from_s * 1000, to: to_s * 1000, series: read };
}

const secondRows = z
  .array(
    z.tuple([
      z
        .array(number)
        .min(SECOND_KEYS.length)
        .max(SECOND_KEYS.length + 1),
      z.array(number.nullable()).length(PERCENTILE_KEYS.length),
      z.array(number).max(64),
      z.array(number).length(SO_FAR_KEYS.length).nullable(),
      z.array(number).length(FAILED_OUTCOMES.length),
    ]),
  )
  .max(MOST_SECONDS);

const named = (keys: readonly string[], values: readonly unknown[]): object =>
  Object.fromEntries(keys.map((key, i) => [key, values[i] ?? undefined]));

function secondsOf({ run }: Stored, room: Room): Second[] {
  const text = inflated(run.seconds, room).toString("utf8");
  const rows = checked(secondRows, parseBounded(text, { values: 40 * MOST_SECONDS, depth: 4 }));
  let t = 0;
  return rows.map(([scalars, percentiles, window, soFar, failed]) => {
    const span = scalars[SECOND_KEYS.length];
    if (span !== undefined && !(Number.isInteger(span) && span > 0))
      throw new DamagedResult("it has a second of no length");
    t += span ?? 1;
    return {
      t,
      ...(span === undefined ? {} : { span }),
      ...(named(SECOND_KEYS, scalars) as Omit<Second, "t" | "window" | "failed">),
      ...named(PERCENTILE_KEYS, percentiles),
      window,
      failed,
      ...(soFar === null ? {} : { soFar: named(SO_FAR_KEYS, soFar) as Second["soFar"] & object }),
    };
  });
}

function runOf(told: Result): RunResult {
  const { histograms: stored } = told;
  const room: Room = { inflated: MOST_INFLATED, histograms: MOST_HISTOGRAMS };
  const header = readHeader(stored.run.header);
  checkPlaces(header, [...stored.series, ...stored.run.failures, ...stored.run.slowest]);
  const seconds = secondsOf(stored, room);
  const indexes = endpointIndexes(header.ops);
  const firsts = [...new Set(indexes)].map((endpoint) => indexes.indexOf(endpoint));
  const blocks = stored.blocks.map((block) => blockOf(block, firsts, room));
  for (const block of blocks) checkPlaces(header, block.series);
  return {
    header,
    series: seriesOf(stored, header, room),
    seconds,
    blocks,
    failures: stored.run.failures,
    slowest: stored.run.slowest,
    lateness: histogramsIn(stored.lateness, 1, room)[0]!,
    loopDelay: histogramsIn(stored.event_loop_delay, 1, room)[0]!,
    cpu: told.generator.cpu_percent,
    resources: told.resources.map(storedResource),
    notices: told.notices,
    ended: told.ended,
    duration: stored.run.duration_ms,
    endedAt: told.ended_at,
  };
}

/** The report that a JSON report was written from. Throws a DamagedResult on any other text. */
export function readResult(text: string): Report {
  const told = checked(resultSchema, parseBounded(text, RESULT_LIMITS));
  try {
    return {
      result: runOf(told),
      verdicts: told.criteria.map(({ observed, limit, unit, ...rest }) => ({
        ...rest,
        ...(observed === null ? {} : { observed }),
        ...(limit === null ? {} : { limit }),
        ...(unit === null ? {} : { unit }),
      })),
      verdict: told.verdict,
      exitCode: told.exit_code,
      why: told.histograms.run.why,
      generatorHealthy: told.generator.healthy,
      stamp: told.histograms.run.stamp,
      comparison: told.comparison === null ? null : { comparison: told.comparison, drawings: [] },
      beside: told.beside_baseline,
    };
  } catch (error) {
    if (error instanceof DamagedResult) throw error;
    throw new DamagedResult(`its histograms cannot be read: ${(error as Error).message}`);
  }
}
