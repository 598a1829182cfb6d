/** The times and values that a series keeps, by the names that criteria use. */
import { closest } from "fastest-levenshtein";
import { Histogram } from "../core/histogram.ts";
import type { Series } from "../core/ledger.ts";
import { ITEM_METRICS, METRICS } from "../core/metrics.ts";
import type { MetricInfo, OpInfo } from "../core/model.ts";
import type { Unit } from "./amount.ts";
import { refuseLater } from "./later.ts";

/** What every call gives. */
const OF_EVERY_CALL: readonly MetricInfo[] = [
  { name: "latency", unit: "ms" },
  { name: "service_time", unit: "ms" },
];
const ALL = [...OF_EVERY_CALL, ...METRICS];
const IN_OBJECTIVES = [...OF_EVERY_CALL, ...ITEM_METRICS];

export const METRIC_NAMES: readonly string[] = ALL.map(({ name }) => name);

const unknownName = (name: string, legal: readonly string[], where: string): Error =>
  new Error(
    `no call gives "${name}"${where}: expected one of ${legal.join(", ")}; did you mean "${closest(name, legal)}"?`,
  );

const UNITS: Record<string, Unit> = { ms: "ms", ratio: "ratio", "/s": "/s" };

/** The unit of a metric; undefined for plain counts. Throws an Error where no call gives a metric of that name. */
export function unitOf(metric: string): Unit | undefined {
  refuseLater(metric);
  const known = ALL.find(({ name }) => name === metric);
  if (known === undefined) throw unknownName(metric, METRIC_NAMES, "");
  return UNITS[known.unit];
}

/** Throws an Error unless a metric can be a limit of `slo(...)`, which is counted call by call. */
export function mustBeInObjectives(metric: string): void {
  refuseLater(metric);
  const legal = IN_OBJECTIVES.map(({ name }) => name);
  if (!legal.includes(metric)) throw unknownName(metric, legal, " that slo(...) can count");
}

/** Whether calls of an endpoint give a metric. */
export const givesMetric = (metric: string, info: OpInfo): boolean =>
  metric === "latency" || metric === "service_time" || info.metrics.some(({ name }) => name === metric);

/** Its values in its unit; empty where the endpoint does not give it. */
export function valuesOf(metric: string, { info, latency, service, metrics }: Series): Histogram {
  if (metric === "latency") return latency;
  if (metric === "service_time") return service;
  return metrics[info.metrics.findIndex(({ name }) => name === metric)] ?? new Histogram();
}
