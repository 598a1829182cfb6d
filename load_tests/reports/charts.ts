/** The data of the charts over time. */
import type { Outcome } from "../core/model.ts";
import { stretched } from "../core/past.ts";
import { FAILED_OUTCOMES } from "../core/snapshot.ts";
import type { Facts } from "./document.ts";
import { type ResourceChart, resourceCharts } from "./resource_charts.ts";
import type { TimelineRow } from "./timeline.ts";

/** More points than this are neither seen nor drawn fast. */
const MOST_POINTS = 900;

export interface ChartData {
  /** Seconds that one point stands for. */
  readonly every: number;
  /** End of each point's time, in seconds. */
  readonly t: readonly number[];
  /** Milliseconds; of the slowest second of the point. */
  readonly p50: readonly (number | null)[];
  readonly p95: readonly (number | null)[];
  readonly p99: readonly (number | null)[];
  /** Per second. */
  readonly requests: readonly number[];
  readonly failures: readonly number[];
  /** Failures per second by outcome; those that there were. */
  readonly outcomes: Readonly<Partial<Record<Outcome, readonly number[]>>>;
  readonly unsent: readonly number[];
  readonly users: readonly number[];
  /** What was measured beside the calls, a chart for each kind. */
  readonly resources: readonly ResourceChart[];
  readonly phases: readonly { name: string; from: number; to: number; measured: boolean }[];
}

const highest = (values: readonly (number | null)[]): number | null =>
  values.reduce((a, b) => (a === null || (b !== null && b > a) ? b : a), null);

function pointOf(rows: readonly TimelineRow[]) {
  const seconds = rows.reduce((sum, { span_s = 1 }) => sum + span_s, 0);
  const mean = (pick: (row: TimelineRow) => number) =>
    Number((rows.reduce((sum, row) => sum + pick(row), 0) / seconds).toFixed(2));
  const worst = (pick: (row: TimelineRow) => number | null) => highest(rows.map(pick));
  return {
    t: rows.at(-1)!.t_s,
    p50: worst((row) => row.p50),
    p95: worst((row) => row.p95),
    p99: worst((row) => row.p99),
    requests: mean((row) => row.requests),
    failures: mean((row) => row.failures),
    outcomes: FAILED_OUTCOMES.map((name) => mean((row) => row.failures_by[name] ?? 0)),
    unsent: mean((row) => row.unsent),
    users: Math.max(...rows.map((row) => row.users)),
  };
}

const outcomeLines = (columns: readonly (readonly number[])[]): ChartData["outcomes"] =>
  Object.fromEntries(
    FAILED_OUTCOMES.map((name, i) => [name, columns.map((column) => column[i]!)] as const).filter(([, values]) =>
      values.some((value) => value > 0),
    ),
  );

/** Each second a point; in long runs as many seconds as keep the points few, with the slowest of them shown. */
export function chartData({ timeline, phases, resources }: Facts): ChartData {
  const { every, stretches } = stretched(timeline, ({ t_s }) => t_s, MOST_POINTS);
  const groups = stretches.map(pointOf);
  const column = <K extends keyof (typeof groups)[number]>(key: K) => groups.map((group) => group[key]);
  return {
    every,
    t: column("t"),
    p50: column("p50"),
    p95: column("p95"),
    p99: column("p99"),
    requests: column("requests"),
    failures: column("failures"),
    outcomes: outcomeLines(column("outcomes")),
    unsent: column("unsent"),
    users: column("users"),
    resources: resourceCharts(resources, MOST_POINTS),
    phases: phases.map(({ name, from_s, to_s, measured }) => ({ name, from: from_s, to: to_s, measured })),
  };
}
