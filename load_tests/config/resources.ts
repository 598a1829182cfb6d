/** `metrics.resource_utilization`: what is measured beside the calls. */
import { z } from "zod";
import type { Notice, Service } from "../core/model.ts";
import type { ProcessSelector, ResourcePlan } from "../core/resource.ts";

/** `cpu`, `memory` and `network` of this machine are measured whether they are named or not. */
const WORDS = ["cpu", "memory", "network", "cgroup", "gpu", "grpc_pool", "database_connections"] as const;

const process = z
  .strictObject({
    pid: z.number().int().positive().optional(),
    name: z.string().min(1).max(200).optional().describe("As ps shows it, or the script that an interpreter runs"),
    port: z.number().int().min(1).max(65_535).optional().describe("The TCP port that it listens on"),
  })
  .refine((selector) => Object.keys(selector).length === 1, "expected one of `pid`, `name` and `port`");

export const resourcesSchema = z
  .array(z.union([z.enum(WORDS), z.strictObject({ process })]))
  .optional()
  .describe(
    "Beside the load generator and its machine: a target's processes, GPUs, gRPC channels. What cannot be had is a notice in the report",
  );
export type ResourcesConfig = NonNullable<z.output<typeof resourcesSchema>>;

export const resourcePlan = (config: ResourcesConfig = []): ResourcePlan => ({
  asked: config.filter((each) => typeof each === "string"),
  processes: config.flatMap((each) => (typeof each === "string" ? [] : [each.process as ProcessSelector])),
});

/** A notice for what is asked for and cannot be had of these services; of the rest that is only known when it is measured. */
export function missingSources({ asked }: ResourcePlan, services: readonly Service[]): Notice[] {
  const missing = (name: string, why: string): Notice[] =>
    asked.includes(name)
      ? [{ kind: "source-missing", text: `resource_utilization: ${name} is not measured: ${why}` }]
      : [];
  const grpc = services.some(({ protocol }) => protocol === "grpc");
  return [
    ...missing("database_connections", "Tenfold has no source for it"),
    ...(grpc ? [] : missing("grpc_pool", "the scenario has no gRPC service")),
  ];
}
