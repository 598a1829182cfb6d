/** The counters of some series, added up. */
import type { Series } from "../core/ledger.ts";
import { COUNTER, COUNTERS, type Counter, requestsOf } from "../core/snapshot.ts";

export interface Tally {
  readonly ok: number;
  /** Sent, of whatever outcome. */
  readonly requests: number;
  readonly failures: number;
  /** Cut by us at the end. */
  readonly aborted: number;
  /** All that fell due, sent or not. */
  readonly offered: number;
  /** Not sent, by cause. */
  readonly late: number;
  readonly machine: number;
  readonly limit: number;
  readonly checksPassed: number;
  readonly checksFailed: number;
}

const add = (series: readonly Series[], index: number): number =>
  series.reduce((sum, { counts }) => sum + (counts[index] ?? 0), 0);

export function tally(series: readonly Series[]): Tally {
  const of = (counter: Counter) => add(series, COUNTER[counter]);
  const requests = series.reduce((sum, { counts }) => sum + requestsOf(counts), 0);
  return {
    ok: of("ok"),
    requests,
    failures: requests - of("ok") - of("aborted"),
    aborted: of("aborted"),
    offered: requests + of("unsent"),
    late: of("unsent-late"),
    machine: of("unsent-machine"),
    limit: of("unsent-limit"),
    checksPassed: of("checks-passed"),
    checksFailed: of("checks-failed"),
  };
}

/** Calls that met the SLO of this index. */
export const metSlo = (series: readonly Series[], index: number): number => add(series, COUNTERS.length + index);

/** Calls were sent and not one was ok: a fail then needs no more samples to be believed. */
export function noneOk(series: readonly Series[]): boolean {
  const { ok, requests } = tally(series);
  return ok === 0 && requests > 0;
}
