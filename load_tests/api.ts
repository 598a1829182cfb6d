/** What users' own files import from "tenfold": everything that plug-ins and workloads are written with, and no more. */
export {
  type CallAnswer,
  type CodeWorkload,
  defineWorkload,
  type WorkloadRun,
  type WorkloadUser,
} from "./core/code.ts";
export { defineCriterion, defineProtocol, defineReporter } from "./core/plugin.ts";
