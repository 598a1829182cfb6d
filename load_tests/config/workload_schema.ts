/** How a workload is written. The words of its calls are those of the protocols. */
import { z } from "zod";
import { feedSchema } from "../core/feed.ts";
import { duration, tags, weight } from "../core/fields.ts";
import { pause } from "../core/pause.ts";
import type { Protocol, StepForm } from "../core/plugin.ts";

const name = z.string().regex(/^[A-Za-z_]\w*$/, "expected a name of letters, digits and _");

const capture = z.union([
  z.string().min(1),
  z.strictObject({
    from: z.string().min(1),
    list: z.boolean().optional().describe("All that is found, as a list"),
    default: z.unknown().optional().describe("Where the answer has nothing; such an answer is invalid without it"),
  }),
]);
export type CaptureConfig = z.output<typeof capture>;

export interface StepConfig {
  readonly service?: string;
  readonly capture?: Readonly<Record<string, CaptureConfig>>;
  readonly think?: z.output<typeof pause>;
  readonly set?: Readonly<Record<string, unknown>>;
  readonly loop?: number | string;
  readonly until?: string;
  readonly at_most?: number;
  readonly retry?: number;
  readonly pause?: z.output<typeof pause>;
  readonly if?: string;
  readonly steps?: readonly StepConfig[];
  readonly else?: readonly StepConfig[];
  readonly choose?: readonly { readonly weight: number; readonly steps: readonly StepConfig[] }[];
  readonly parallel?: readonly (StepConfig | readonly StepConfig[])[];
}

/** Steps that make no call, and the keys that may stand beside their word. */
export const CONTROL = {
  think: [],
  set: [],
  loop: ["steps"],
  until: ["steps", "at_most", "pause"],
  retry: ["steps", "pause"],
  if: ["steps", "else"],
  choose: [],
  parallel: [],
} as const;

const flow = (steps: z.ZodType, step: z.ZodType) => ({
  service: z.string().optional().describe("The service that is called; the workload's where absent"),
  capture: z
    .record(name, capture)
    .optional()
    .describe('Values out of the answer: "$.id" (JSONPath), "header:X-Id", "/id=(\\w+)/", a field\'s path'),
  think: pause.optional().describe("Waits"),
  set: z.record(name, z.unknown()).optional().describe("Gives names values; null takes a name away"),
  loop: z
    .union([z.int().min(0).max(1_000_000), z.string()])
    .optional()
    .describe("Repeats `steps` so often"),
  until: z.string().min(1).optional().describe('Repeats `steps` until it holds: done, state == "done"'),
  at_most: z.int().min(1).max(1_000_000).optional().describe("Of until: tries; 10 where absent"),
  retry: z.int().min(1).max(1_000_000).optional().describe("Repeats `steps` while a call of them fails, so often more"),
  pause: pause.optional().describe("Of until and retry: between tries"),
  if: z.string().min(1).optional().describe("Runs `steps` where it holds, else `else`: cart, not cart, n > 3"),
  else: steps.optional(),
  choose: z
    .array(z.strictObject({ weight: weight.default(1), steps }))
    .min(1)
    .optional()
    .describe("One of them, by weight"),
  parallel: z
    .array(z.union([steps, step]))
    .min(1)
    .optional()
    .describe("At once; each a step, or a list of steps"),
  steps: steps.optional(),
});

/** What only the calls of a service have. */
export const NOT_OF_STEPS = ["weight", "enabled"];

/** Keys of an entry that are not a step's: its weight, and what a word says in their place. */
const wordKeys = ({ words }: StepForm): Set<string> =>
  new Set(Object.values(words).flatMap(({ key, says = {} }) => [key, ...Object.keys(says)]));

/** May be left out: the service's own schema brings the default. */
const bare = (schema: unknown): z.ZodType =>
  (schema instanceof z.ZodDefault ? (schema.unwrap() as z.ZodType) : (schema as z.ZodType)).optional();

/** The keys of calls: those that several protocols have in different forms take anything here, and are checked by each. */
function callKeys(protocols: readonly Protocol[]): z.ZodRawShape {
  const shape: Record<string, z.ZodType> = {};
  for (const { steps } of protocols) {
    if (steps === undefined) continue;
    const { shape: entry } = steps.entry;
    for (const [word, { key }] of Object.entries(steps.words)) shape[word] = bare(entry[key]);
    for (const [key, schema] of Object.entries(entry))
      if (!NOT_OF_STEPS.includes(key) && !wordKeys(steps).has(key))
        shape[key] = key in shape ? z.unknown().optional() : bare(schema);
  }
  return shape;
}

export function workloadSchema(protocols: readonly Protocol[]) {
  const calls = callKeys(protocols);
  const step: z.ZodType = z.lazy(() => z.strictObject({ ...calls, ...flow(steps, step) }));
  const steps = z.array(step);
  const task = z.strictObject({ name: z.string().min(1), weight: weight.default(1), tags: tags.default([]), steps });
  return z.strictObject({
    file: z
      .string()
      .min(1)
      .optional()
      .describe("TypeScript or JavaScript that exports defineWorkload({ tasks }), instead of `tasks`"),
    service: z.string().optional().describe("The service of its calls, where they name none"),
    think_time: pause.optional().describe("After each task; the scenario's where absent"),
    pacing: duration.optional().describe("Instead of think_time: a task starts so often, never two at once"),
    active: pause.optional().describe("Length of the periods in which a user acts; beside `idle`"),
    idle: pause.optional().describe("Length of the periods in which it does nothing; beside `active`"),
    session: pause.optional().describe("Length of a session: then on_stop, a new identity, on_start"),
    data: z.record(name, feedSchema).optional().describe("Files whose rows fill templates: {{products.id}}"),
    on_start: steps.optional(),
    tasks: z.array(task).min(1).optional().describe("One of them at a time, by weight"),
    steps: steps.optional().describe("The one task, where there is but one"),
    on_stop: steps.optional(),
  });
}
export type WorkloadConfig = z.output<ReturnType<typeof workloadSchema>>;
