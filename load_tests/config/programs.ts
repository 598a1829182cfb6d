/** The files of workloads that are code. */
import { isAbsolute, resolve } from "node:path";
import type { ProgramOutline } from "../core/code.ts";
import type { Path } from "./document.ts";
import type { Draft } from "./draft.ts";
import { expectedWord } from "./problem.ts";
import { serviceNames } from "./services.ts";
import type { WorkloadConfig } from "./workload_schema.ts";

/** What is told in steps alone. */
const OF_STEPS = ["tasks", "steps", "on_start", "on_stop"] as const;

/** The tasks that a workload's file defines, and the file's absolute path; mistakes are reported. */
export async function readProgram(
  name: string,
  config: WorkloadConfig,
  draft: Draft,
): Promise<ProgramOutline & { readonly file: string }> {
  const at = (key: string): Path => ["workloads", name, key];
  const { file: written = "", service } = config;
  for (const key of OF_STEPS)
    if (config[key] !== undefined)
      draft.reportAt(at(key), `\`${key}\` beside \`file\`: what users do is said by the file, expected one of them`);
  const names = serviceNames(draft.value);
  if (service !== undefined && !names.includes(service))
    draft.reportAt(at("service"), `no service is named \`${service}\`: ${expectedWord(service, names)}`);
  const file = isAbsolute(written) ? written : resolve(draft.request.file, "..", written);
  try {
    if (!draft.request.readable(file)) throw new Error(MISSING(file));
    if (draft.request.programs === undefined) throw new Error("expected a place where code can be run");
    return { ...(await draft.request.programs.outline(file)), file };
  } catch (error) {
    draft.reportAt(at("file"), error instanceof Error ? error.message : String(error));
    return { tasks: [], file };
  }
}

const MISSING = (file: string): string =>
  `expected a file that can be read, found none at ${file}; paths are relative to the config file`;
