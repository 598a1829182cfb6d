/** Service-level objectives: the limits that a call must meet, counted by the engine as calls end. */
import type { Scenario } from "./model.ts";

/** One limit of an objective: `latency`, `service_time` or a metric of the endpoint; milliseconds. */
export interface SloLimit {
  readonly metric: string;
  readonly limit: number;
}

/**
 * An objective. A call meets it when it is ok and each metric is below its limit; of the gaps between items their mean
 * counts. A metric that the endpoint does not give limits nothing; one that this call failed to give is not met.
 */
export interface SloRule {
  readonly limits: readonly SloLimit[];
}

/** The objectives of a scenario; the i-th is counted at `Series.counts[COUNTERS.length + i]`. */
export const slosOf = (scenario: Scenario): SloRule[] =>
  scenario.criteria.filter(({ kind }) => kind === "slo").map(({ rule }) => rule as SloRule);
