/** The public API: running and comparing, what plug-ins are written with, and the types of runs and results. */

export * from "./api.ts";
export { ConfigError } from "./config/load.ts";
export type { Check } from "./core/check.ts";
export * from "./core/comparison.ts";
export { DamagedResult } from "./core/damaged.ts";
export { Histogram } from "./core/histogram.ts";
export type { Block, RunResult, Second, Series } from "./core/ledger.ts";
export * from "./core/model.ts";
export * from "./core/plugin.ts";
export type { Values } from "./core/template.ts";
export { type ComparedRun, compare, type RunOptions, type RunOutcome, run } from "./library.ts";
