/** `analysis/metrics.csv`: one row an endpoint, times in milliseconds, empty where there is none. */
import { defineReporter } from "../core/plugin.ts";
import { csvText } from "./csv.ts";
import { callsByEndpoint, type EndpointReport, endpointReport } from "./endpoints.ts";

export const METRICS_HEADER =
  "name,method,num_requests,num_failures,avg_response_time,min_response_time,max_response_time,median_response_time,p95_response_time,p99_response_time";

const TIMES = ["mean", "min", "max", "p50", "p95", "p99"] as const;

const row = ({ name, method, requests, failures, latency_ms }: EndpointReport) => [
  name,
  method,
  requests,
  failures,
  ...TIMES.map((time) => latency_ms[time] ?? null),
];

export const metrics = defineReporter({
  format: "always",
  render: ({ result }) => {
    const endpoints = callsByEndpoint(result).map((calls) => endpointReport(calls, result, result.duration / 1000));
    return [{ path: "analysis/metrics.csv", content: csvText(METRICS_HEADER, endpoints.map(row)) }];
  },
});
