/** The shape of a run's header and of what is told beside its histograms, as files from elsewhere are checked by. */
import { z } from "zod";
import { DamagedResult } from "./damaged.ts";
import { type Notice, type OpInfo, OUTCOMES, type Outcome, type RunHeader } from "./model.ts";
import { COUNTERS, type FailureCount, type SlowCall } from "./snapshot.ts";

const text = z.string().max(100_000);
const amount = z.number();
const whole = z.number().int().min(0);
const millis = z.number().min(0).max(1e12);
const time = z.iso.datetime({ offset: true });
const outcome = z.enum(OUTCOMES as unknown as [Outcome, ...Outcome[]]);

/** A scenario's name is a folder's too. */
const name = text.min(1).max(1000);

const segment = z.looseObject({ start: amount, duration: amount, from: amount, to: amount });
const flow = z.looseObject({ drive: z.enum(["users", "arrivals"]), segments: z.array(segment).max(1_000_000) });
const phase = z.looseObject({ name, start: millis, duration: millis, measured: z.boolean() });
const service = z.looseObject({ name, protocol: text, host: text, embedded: z.boolean() });
const scope = z.looseObject({
  service: text.optional(),
  endpoint: text.optional(),
  tag: text.optional(),
  phase: text.optional(),
});
const criterion = z.looseObject({
  sentence: text,
  kind: text,
  rule: z.unknown(),
  scope,
  minSamples: amount.nullable(),
  abort: z.boolean(),
  origin: z.enum(["default", "file", "scenario"]),
});
const op = z.looseObject({
  service: text,
  name: text,
  protocol: text,
  method: text,
  tags: z.array(text).max(1000).optional(),
  metrics: z.array(z.looseObject({ name: text, unit: text })).max(64),
});

export const noticeSchema = z.looseObject({ kind: text, text }) as unknown as z.ZodType<Notice>;

const scenario = z.looseObject({
  name,
  description: text,
  flows: z.array(flow).max(1000),
  phases: z.array(phase).max(10_000),
  comparePhases: z.looseObject({ before: text, after: text, gate: z.boolean() }).optional(),
  services: z.array(service).max(10_000),
  criteria: z.array(criterion).max(10_000),
  seed: amount,
  duration: millis,
  notices: z.array(noticeSchema),
});

const environment = z.looseObject({
  tenfold: text,
  node: text,
  os: text,
  cpus: amount,
  memory_bytes: amount,
  git_sha: text.nullable(),
  git_branch: text.nullable(),
  ci: text.nullable(),
});

const reports = z.looseObject({
  outputDir: text,
  formats: z.array(text),
  charts: z.boolean(),
  comparisonBaseline: text,
  keep: whole.nullable().default(null),
  percentiles: z.array(z.number().min(0).max(100)).max(100),
  throughputWindow: millis,
});

const MOST_OPS = 20_000;

const headerSchema = z.looseObject({
  format: z.literal(1),
  runId: text.min(1).max(200),
  startedAt: time,
  scenario,
  environment,
  ops: z.array(op).max(MOST_OPS),
  reports,
  workers: whole,
});

export const endSchema = z.object({
  ended: z.enum(["completed", "stopped", "aborted", "failed"]),
  duration: millis,
  endedAt: time,
});

const place = { op: whole, phase: whole };
export const failureSchema: z.ZodType<FailureCount> = z.object({
  ...place,
  outcome,
  status: text,
  message: text,
  count: whole,
  first: amount,
  last: amount,
  answers: z.array(text).max(100),
});
export const slowCallSchema: z.ZodType<SlowCall> = z.looseObject({
  ...place,
  at: amount,
  latency: amount,
  outcome,
  status: text,
});

const MOST_COUNTS = 2000;
/** Counters of one series: all that are known, then one for each `slo(...)`. */
export const countsSchema = z.array(whole).min(COUNTERS.length).max(MOST_COUNTS);

/** The same of counters that were read as whole numbers, at once. */
export const rightlyMany = (counts: readonly number[]): boolean =>
  counts.length >= COUNTERS.length && counts.length <= MOST_COUNTS;

/** The value itself, if the schema (one without transforms) finds it sound; else a DamagedResult that names the place. */
export function checked<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return value as T;
  const issue = parsed.error.issues[0];
  throw new DamagedResult(`at ${issue?.path.join(".") || "the top"}: ${issue?.message ?? "not as expected"}`);
}

/** The header of a run from elsewhere. Throws a DamagedResult. */
export function readHeader(value: unknown): RunHeader {
  return bounded(checked(headerSchema as unknown as z.ZodType<RunHeader>, value));
}

function bounded(header: RunHeader): RunHeader {
  if (header.scenario.phases.length * header.ops.length > 1_000_000 || header.ops.length > MOST_OPS)
    throw new DamagedResult("it has too many endpoints and phases");
  return header;
}

/** The header with a further op from elsewhere. Throws a DamagedResult. */
export const withOp = (header: RunHeader, value: unknown): RunHeader =>
  bounded({ ...header, ops: [...header.ops, checked(op as unknown as z.ZodType<OpInfo>, value)] });

/** Whether a part of a run speaks of endpoints and phases that the run has. */
export function checkPlaces(
  header: RunHeader,
  parts: readonly { readonly op: number; readonly phase: number }[],
): void {
  const { ops, scenario } = header;
  if (parts.some(({ op, phase }) => op >= ops.length || phase >= scenario.phases.length))
    throw new DamagedResult("it speaks of an endpoint or a phase that it does not have");
}
