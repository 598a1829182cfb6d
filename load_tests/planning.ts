/** A config made into a plan, with all that Tenfold knows to read: for the command line and for programs alike. */
import { type LoadRequest, loadPlan, type Plan } from "./config/load.ts";
import { dataFiles } from "./data/open.ts";
import { pluginFiles } from "./plugins.ts";
import { isReadable } from "./readable.ts";
import { criteria, protocols } from "./registry.ts";
import { programs } from "./workloads/code/program.ts";

/** Throws a ConfigError with every mistake that it found. */
export const planOf = (config: Pick<LoadRequest, "file" | "text" | "env" | "flags">): Promise<Plan> =>
  loadPlan({ ...config, protocols, criteria, data: dataFiles, programs, pluginFiles, readable: isReadable });
