/** The metrics that calls give beside their latency, by name: what clients declare and criteria may speak of. */
import type { MetricInfo } from "./model.ts";

/** Times of the first item of a stream and of the gaps between its items. */
export const ITEM_METRICS = [
  { name: "first_item", unit: "ms" },
  { name: "inter_item", unit: "ms" },
  { name: "ttft", unit: "ms" },
  { name: "inter_token", unit: "ms" },
  { name: "ttfa", unit: "ms" },
  { name: "inter_chunk", unit: "ms" },
  { name: "first_partial", unit: "ms" },
  { name: "inter_partial", unit: "ms" },
] as const satisfies readonly MetricInfo[];

/** What clients tell of a call by `Call.mark` and `Call.value`. */
const FURTHER_METRICS = [
  { name: "ttfb", unit: "ms" },
  { name: "receive", unit: "ms" },
  { name: "connect", unit: "ms" },
  { name: "tls", unit: "ms" },
  { name: "reused", unit: "ratio" },
  { name: "redirects", unit: "" },
  { name: "resent", unit: "" },
  { name: "tokens", unit: "tokens" },
  { name: "prompt_tokens", unit: "tokens" },
  { name: "cached_tokens", unit: "tokens" },
  { name: "chunks", unit: "chunks" },
  { name: "tpot", unit: "ms" },
  { name: "tokens_per_second", unit: "/s" },
  { name: "pong", unit: "ms" },
] as const satisfies readonly MetricInfo[];

/** Of the tasks of workloads. */
const TASK_METRICS = [
  { name: "task_duration", unit: "ms" },
  { name: "exceptions", unit: "ratio" },
] as const satisfies readonly MetricInfo[];

export const METRICS: readonly MetricInfo[] = [...ITEM_METRICS, ...FURTHER_METRICS, ...TASK_METRICS];
