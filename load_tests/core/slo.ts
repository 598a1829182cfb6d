/** Service-level objectives: the limits that a call must meet, counted by the engine as calls end. */
import type { Scenario } from "./model.ts";

/** One limit of an objective: `latency`, `service_time` or a metric of the endpoint, in its unit. */
export interface SloLimit {
  readonly metric: string;
  readonly limit: number;
  /** The value is to be above the limit; below it, where absent. */
  readonly over?: true;
}

/**
 * An objective. A call meets it when it is ok and each metric keeps its limit; of the gaps between items their mean
 * counts. A metric that the endpoint does not give limits nothing, nor does one that this call had no cause to give (the
 * time to connect, over a connection that was there); a first item that did not come is not met.
 */
export interface SloRule {
  readonly limits: readonly SloLimit[];
}

/** The objectives of a scenario; the i-th is counted at `Series.counts[COUNTERS.length + i]`. */
export const slosOf = (scenario: Scenario): SloRule[] =>
  scenario.criteria.filter(({ kind }) => kind === "slo").map(({ rule }) => rule as SloRule);
