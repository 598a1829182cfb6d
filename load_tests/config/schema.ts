/** The whole file: checked by it, and described by it to editors. */
import { z } from "zod";
import { duration, share } from "../core/fields.ts";
import type { Criterion, Protocol } from "../core/plugin.ts";
import { variablesSchema } from "./declared.ts";
import { FORMATS, METADATA_FORMAT } from "./formats.ts";
import { gatewaySchema } from "./gateway_schema.ts";
import { withHosts } from "./hosts.ts";
import { pluginsSchema } from "./plugins.ts";
import { resourcesSchema } from "./resources.ts";
import { fileCriteria, scenarioSchema, testType } from "./scenario_schema.ts";
import { workloadSchema } from "./workload_schema.ts";

/** All calls may fail under a threshold of 1: whoever writes 1 means 1 %. */
const errorShare = share.refine((ratio) => ratio < 1, "expected a share below 100%, such as 1% or 0.01");

export const metricsSchema = z.strictObject({
  latency: z.strictObject({ percentiles: z.array(z.number().gt(0).lt(100)).min(1).optional() }).optional(),
  throughput: z.strictObject({ window: duration.optional() }).optional(),
  error_rate: z.strictObject({ threshold: errorShare.optional() }).optional(),
  resource_utilization: resourcesSchema,
});
export type MetricsConfig = z.output<typeof metricsSchema>;

const requestLog = z.strictObject({
  dir: z
    .union([z.string().min(1), z.number()])
    .optional()
    .describe("Relative to the working directory; the run's folder, where absent"),
  run_id: z
    .union([z.string(), z.number()])
    .nullable()
    .optional()
    .describe("Name of the run in its files; one of its own, where absent or empty"),
});

/** Schema of `reports`; `own` are the formats of plug-ins. */
export function reportsSchema(own: readonly string[] = []) {
  const format = z.enum([...FORMATS, METADATA_FORMAT, ...own]);
  return z.strictObject({
    output_dir: z.string().min(1).optional().describe("Relative to the working directory"),
    format: z.union([format, z.array(format)]).optional(),
    include_charts: z.boolean().optional(),
    comparison_baseline: z.string().min(1).optional().describe("The scenario or file that `Nx baseline` speaks of"),
    request_log: z
      .union([z.boolean(), requestLog])
      .optional()
      .describe("A line a call in results_<run id>.jsonl, and summary_<run id>.json; true: in the run's folder"),
    keep: z.number().int().min(1).optional().describe("Runs of a scenario that stay on the disk; all, where absent"),
  });
}
export type ReportsConfig = z.output<ReturnType<typeof reportsSchema>>;

/** Schema of `services`: what each protocol brings, and the gateway. */
function servicesSchema(protocols: readonly Protocol[]) {
  const kinds = protocols.map(
    ({ kind, schema }) => [kind, z.record(z.string().min(1, "a name"), withHosts(schema)).optional()] as const,
  );
  return z.strictObject({ ...Object.fromEntries(kinds), gateway: withHosts(gatewaySchema).optional() });
}

/** `--scenario a,b` takes commas for itself. */
const scenarioName = z.string().regex(/^[^,]+$/, "a name without commas");

/** `workload.task` names a task. */
const workloadName = z.string().regex(/^[^.]+$/, "a name without dots");

/** Schema of the file as these plug-ins make it. */
export function configSchema(
  protocols: readonly Protocol[],
  criteria: readonly Criterion[],
  formats: readonly string[] = [],
): z.ZodType {
  const sentences = criteria.map(({ example }) => `\`${example}\``).join(", ");
  return z.strictObject({
    variables: variablesSchema.optional().describe("Of the environment: their defaults, and what they may be"),
    services: servicesSchema(protocols),
    default_scenario: z.string().optional(),
    test_type: testType.optional().describe("Keeps the services of one protocol"),
    workloads: z
      .record(workloadName, workloadSchema(protocols))
      .optional()
      .describe("What users do, where the weights of services and their calls do not say it"),
    defaults: scenarioSchema.optional().describe("Any key of a scenario, for all of them"),
    scenarios: z.record(scenarioName, scenarioSchema),
    criteria: fileCriteria.optional().describe(`Instead of the default criteria. Sentences such as ${sentences}`),
    metrics: metricsSchema.optional(),
    reports: reportsSchema(formats).optional(),
    plugins: pluginsSchema.optional(),
  });
}

type Json = { [key: string]: unknown };

const VARIABLE = { type: "string", pattern: "^\\$\\{[A-Za-z_][A-Za-z0-9_]*(:-[^}]*)?\\}$" };

/** Lets `"${VAR}"` stand wherever a value is restricted: variables are replaced before types are checked. */
function admitVariables(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(admitVariables);
  if (typeof schema !== "object" || schema === null) return schema;
  const copy: Json = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, admitVariables(value)]));
  const restricted =
    ["number", "integer", "boolean"].includes(String(copy.type)) ||
    "pattern" in copy ||
    "enum" in copy ||
    "const" in copy;
  if (!restricted) return copy;
  const { description, default: preset, ...bare } = copy;
  const kept = {
    ...(description === undefined ? {} : { description }),
    ...(preset === undefined ? {} : { default: preset }),
  };
  return { ...kept, anyOf: [bare, VARIABLE] };
}

/** The JSON Schema of the file, for editors. */
export function jsonSchema(protocols: readonly Protocol[], criteria: readonly Criterion[]): object {
  const schema = z.toJSONSchema(configSchema(protocols, criteria), {
    io: "input",
    target: "draft-7",
    unrepresentable: "any",
    reused: "inline",
  });
  return { ...(admitVariables(schema) as Json), title: "Tenfold load test" };
}
