/** What a result file keeps beside its histograms, so that every report can be made again from it alone. */
import { deflateSync } from "node:zlib";
import type { Second } from "../core/ledger.ts";
import type { RunHeader } from "../core/model.ts";
import type { Report } from "../core/plugin.ts";
import type { FailureCount, SlowCall } from "../core/snapshot.ts";

export interface StoredRun {
  /** As in the first line of `timeline.jsonl`. */
  readonly header: RunHeader;
  readonly stamp: string;
  readonly why: string | null;
  readonly duration_ms: number;
  readonly failures: readonly FailureCount[];
  readonly slowest: readonly SlowCall[];
  /** base64 of zlib-deflated JSON: an array for each second, of its scalars in the order of `SECOND_KEYS` (and its `span`, where it has one), its window, what was so far, and its failures by outcome. */
  readonly seconds: string;
}

export const SECOND_KEYS = ["users", "inFlight", "ok", "requests", "failures", "aborted", "unsent", "cpu"] as const;
export const PERCENTILE_KEYS = ["p50", "p95", "p99"] as const;
export const SO_FAR_KEYS = ["p50", "mean", "min", "max", "received"] as const;

export type SecondRow = readonly [
  scalars: readonly number[],
  percentiles: readonly (number | null)[],
  window: readonly number[],
  soFar: readonly number[] | null,
  failed: readonly number[],
];

const rowOf = (second: Second): SecondRow => [
  [...SECOND_KEYS.map((key) => second[key]), ...(second.span === undefined ? [] : [second.span])],
  PERCENTILE_KEYS.map((key) => second[key] ?? null),
  second.window,
  second.soFar === undefined ? null : SO_FAR_KEYS.map((key) => second.soFar![key]),
  second.failed,
];

export const storedRun = ({ result, stamp, why }: Report): StoredRun => ({
  header: result.header,
  stamp,
  why,
  duration_ms: result.duration,
  failures: result.failures,
  slowest: result.slowest,
  seconds: deflateSync(JSON.stringify(result.seconds.map(rowOf))).toString("base64"),
});
