/** What users' own files import from "tenfold": everything that plug-ins and workloads are written with, and no more. */

/** A protocol's schema is written with the very library that reads it. */
export { z } from "zod";
export {
  type CallAnswer,
  type CodeWorkload,
  defineWorkload,
  type WorkloadRun,
  type WorkloadUser,
} from "./core/code.ts";
export { defineCriterion, defineProtocol, defineReporter } from "./core/plugin.ts";
export { defineSink, type Sink, type SinkCall, type SinkRun } from "./core/sink.ts";
