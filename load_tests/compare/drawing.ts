/** Runs as they are drawn over one another. */
import type { CurvePoint, Drawing, RunReference } from "../core/comparison.ts";
import { mergeHistograms } from "../core/histogram.ts";
import type { RunResult, Second } from "../core/ledger.ts";
import type { RunHeader } from "../core/model.ts";
import { stretched, totalSpan } from "../core/past.ts";

/** More points than this are neither seen nor drawn fast. */
const MOST_POINTS = 600;
const SHARES = [...Array.from({ length: 99 }, (_, i) => (i + 1) / 100), 0.995, 0.999, 0.9999, 1];

export const referenceTo = (header: RunHeader): RunReference => ({
  run_id: header.runId,
  scenario: header.scenario.name,
  started_at: header.startedAt,
  git_sha: header.environment.git_sha,
});

const highest = (values: readonly (number | undefined)[]): number | null =>
  values.reduce<number | null>(
    (most, value) => (value === undefined || (most !== null && most >= value) ? most : value),
    null,
  );

function pointOf(seconds: readonly Second[]): CurvePoint {
  const span = totalSpan(seconds);
  const mean = (pick: (second: Second) => number) => seconds.reduce((sum, each) => sum + pick(each), 0) / span;
  return {
    t: seconds.at(-1)!.t,
    rps: mean((second) => second.requests),
    failures: mean((second) => second.failures),
    p50: highest(seconds.map((second) => second.p50)),
    p95: highest(seconds.map((second) => second.p95)),
  };
}

const curveOf = (seconds: readonly Second[]): CurvePoint[] =>
  stretched(seconds, ({ t }) => t, MOST_POINTS).stretches.map(pointOf);

export function drawingOf(result: RunResult, side: Drawing["side"]): Drawing {
  const { phases } = result.header.scenario;
  const measured = result.series.filter(({ phase }) => phases[phase]?.measured);
  const latency = mergeHistograms(measured.map((series) => series.latency));
  return {
    run: referenceTo(result.header),
    side,
    curve: curveOf(result.seconds),
    distribution: latency.count === 0 ? [] : SHARES.map((share) => [latency.percentile(share)!, share] as const),
  };
}
