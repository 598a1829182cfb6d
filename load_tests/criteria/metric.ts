/** The times and values that a series keeps, by the names that criteria use. */
import { closest } from "fastest-levenshtein";
import { Histogram } from "../core/histogram.ts";
import type { Series } from "../core/ledger.ts";
import { METRICS } from "../core/metrics.ts";
import type { MetricInfo, OpInfo } from "../core/model.ts";
import { isTask } from "../core/workload.ts";
import type { Unit } from "./amount.ts";
import { refuseLater } from "./later.ts";

/** What every call gives. */
const OF_EVERY_CALL: readonly MetricInfo[] = [
  { name: "latency", unit: "ms" },
  { name: "service_time", unit: "ms" },
];
const ALL = [...OF_EVERY_CALL, ...METRICS];

export const METRIC_NAMES: readonly string[] = ALL.map(({ name }) => name);

const unknownName = (name: string): Error =>
  new Error(
    `no call gives "${name}": expected one of ${METRIC_NAMES.join(", ")}; did you mean "${closest(name, METRIC_NAMES)}"?`,
  );

const UNITS: Record<string, Unit> = { ms: "ms", ratio: "ratio", "/s": "/s" };

/** The unit of a metric; undefined for plain counts. Throws an Error where no call gives a metric of that name. */
export function unitOf(metric: string): Unit | undefined {
  refuseLater(metric);
  const known = ALL.find(({ name }) => name === metric);
  if (known === undefined) throw unknownName(metric);
  return UNITS[known.unit];
}

/** Whether calls of an endpoint give a metric. */
export const givesMetric = (metric: string, info: OpInfo): boolean =>
  metric === "latency" || metric === "service_time" ? !isTask(info) : info.metrics.some(({ name }) => name === metric);

/** Its values in its unit; empty where the endpoint does not give it. */
export function valuesOf(metric: string, { info, latency, service, metrics }: Series): Histogram {
  if (metric === "latency") return latency;
  if (metric === "service_time") return service;
  return metrics[info.metrics.findIndex(({ name }) => name === metric)] ?? new Histogram();
}
