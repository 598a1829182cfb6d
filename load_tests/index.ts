/** The public API: what plug-ins are written with, and the types of runs and results. */
export type { Check } from "./core/check.ts";
export { Histogram } from "./core/histogram.ts";
export type { Block, RunResult, Second, Series } from "./core/ledger.ts";
export * from "./core/model.ts";
export * from "./core/plugin.ts";
export type { Values } from "./core/template.ts";
