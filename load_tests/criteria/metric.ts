/** The times that a series keeps, by the names that criteria use. */
import { Histogram } from "../core/histogram.ts";
import type { Series } from "../core/ledger.ts";
import type { OpInfo } from "../core/model.ts";

/** Whether calls of an endpoint give a metric. */
export const givesMetric = (metric: string, info: OpInfo): boolean =>
  metric === "latency" || metric === "service_time" || info.metrics.some(({ name }) => name === metric);

/** Its values in milliseconds; empty where the endpoint does not give it. */
export function timesOf(metric: string, { info, latency, service, metrics }: Series): Histogram {
  if (metric === "latency") return latency;
  if (metric === "service_time") return service;
  return metrics[info.metrics.findIndex(({ name }) => name === metric)] ?? new Histogram();
}
