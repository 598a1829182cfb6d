/** How a scenario is written. */
import { z } from "zod";
import { duration, rate, tags, users } from "../core/fields.ts";
import type { Ms } from "../core/model.ts";
import { pause } from "../core/pause.ts";
import { hookSchema } from "./hook_schema.ts";
import { levelSchema } from "./shape_schema.ts";

const userLevel = levelSchema("users", users);
const rateLevel = levelSchema("rate", rate);
const spawnRate = z.number().positive();

const weights = z.record(z.string(), z.number().nonnegative());

/** A text is JSON, as a variable brings it; an empty variable is none. */
const taskWeights = z.union([weights, z.string(), z.null()]).transform((written, ctx) => {
  if (written === null) return undefined;
  if (typeof written !== "string") return written;
  const read = weights.safeParse(jsonOf(written));
  if (!read.success)
    ctx.addIssue({ code: "custom", message: 'expected weights of tasks, such as {"browse": 10}, as a map or as JSON' });
  return read.data;
});

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const per = z.enum(["run", "user", "url"]);

const phase = z.strictObject({
  name: z.string().min(1).optional().describe("Name of the phase; `phase 1` and so on where absent"),
  users: userLevel.optional().describe("Users there at once, a straight line { from, to } over the phase, or a shape"),
  rate: rateLevel.optional().describe("Arrivals per second, a straight line { from, to } over the phase, or a shape"),
  spawn_rate: spawnRate
    .optional()
    .describe("Users per second from the level before to this one; all at once where absent"),
  duration: duration
    .optional()
    .describe("Length of the phase, its ramp included; of the last, what the others leave of the scenario's"),
  iterations: z
    .int()
    .nonnegative()
    .optional()
    .describe("Ends after exactly so many tasks; then the phases follow each other as each is through. 0: left out"),
  per: per.optional().describe("Of iterations: of the whole phase, of each user, or of each address of the service"),
  workload: z.string().optional().describe("What its users do; the scenario's where absent"),
  measured: z.boolean().optional().describe("false: sent, but not judged"),
  task_weights: taskWeights
    .optional()
    .describe("Weights of tasks, by workload.task, in place of the workload's while the phase goes on"),
  on_enter: hookSchema.optional().describe("Done once a run as the phase begins: { command } or { http }"),
  on_exit: hookSchema.optional().describe("Done once a run as the phase ends, also where the run is stopped in it"),
});
export type WrittenPhase = z.output<typeof phase>;
/** A phase whose length is known. */
export type PhaseConfig = Omit<WrittenPhase, "duration"> & { readonly duration: Ms };

export const criterion = z.union([
  z.string(),
  z.strictObject({
    expect: z.string().describe("The sentence, such as `p95 < 2s`"),
    service: z.string().optional(),
    endpoint: z.string().optional().describe("Name of one endpoint; `each` judges every one by itself"),
    tag: z.string().optional().describe("Requests and tasks that have this tag, together"),
    phase: z.string().optional(),
    min_samples: z.number().int().positive().optional(),
    abort: z.boolean().optional().describe("Ends the run as soon as the criterion fails"),
  }),
]);
export type CriterionConfig = z.output<typeof criterion>;

export const fileCriteria = z.array(criterion);

export const testType = z.enum(["grpc", "rest", "websocket", "all"]);

const workloadShare = z.strictObject({
  workload: z.string(),
  weight: z.number().nonnegative().optional().describe("Its part of the scenario's load; 1 where absent"),
  users: userLevel.optional().describe("Users of its own, beside the scenario's load, to its end; or a shape"),
  rate: rateLevel.optional().describe("Arrivals of its own, beside the scenario's load, to its end; or a shape"),
  spawn_rate: spawnRate.optional().describe("Users of its own that come a second; all at once where absent"),
  start: duration.optional().describe("When its own load begins; a shape begins there"),
});

export const scenarioSchema = z.strictObject({
  description: z.string().optional(),
  tags: tags.optional().describe("--tags that runs it whole"),
  workload: z.string().optional().describe("What users do; one call by the weights of the services, where absent"),
  workloads: z.array(workloadShare).min(1).optional().describe("Several, each with its part of the load or its own"),
  iterations: z.int().positive().optional().describe("Ends after exactly so many tasks (or calls, without workload)"),
  per: per.optional().describe("Of iterations: of the whole run, of each user, or of each address of the service"),
  users: userLevel.optional().describe("Closed loop: users there at once, or a shape"),
  spawn_rate: spawnRate.optional().describe("Users started per second; all at once where absent"),
  rate: rateLevel.optional().describe("Open loop: arrivals per second, or a shape"),
  arrivals: z
    .union([z.enum(["even", "poisson"]), z.strictObject({ cv: z.number().positive() })])
    .optional()
    .describe("How arrivals are spread; even where absent"),
  duration: duration.optional().describe("Length of the load, its ramp included"),
  phases: z.array(phase).min(1).optional(),
  roles: z
    .strictObject({
      before: z.string().optional(),
      stress: z.union([z.string(), z.array(z.string())]).optional(),
      after: z.string().optional(),
    })
    .optional()
    .describe("The phases that recovery is judged by: level, surge and spike, recovery where absent"),
  compare_phases: z
    .strictObject({
      before: z.string(),
      after: z.string(),
      gate: z.boolean().default(false).describe("true: a regression ends in exit code 98"),
    })
    .optional()
    .describe("Two phases that are compared as two runs are"),
  shape: z.literal("spike").optional().describe("A level, a surge to all users, and a recovery"),
  warm_up: duration.optional().describe("Load at the first level before the first phase: sent, not judged"),
  think_time: pause
    .optional()
    .describe("Pause of a user after each call: 2s, evenly drawn from 1s..3s, or of a distribution"),
  grace: duration.optional().describe("Time for what is in flight at the end"),
  max_in_flight: z.number().int().positive().optional(),
  seed: z.number().int().nonnegative().optional(),
  timeout: duration.optional().describe("Of services that set none of their own"),
  services: z.array(z.string()).min(1).optional().describe("The services it uses; all where absent"),
  test_type: testType.optional().describe("Keeps the services of one protocol"),
  criteria: z.array(criterion).optional().describe("Instead of the file's criteria"),
  extra_criteria: z.array(criterion).optional().describe("Beside the file's criteria"),
});
export type WrittenScenario = z.output<typeof scenarioSchema>;
export type ScenarioConfig = Omit<WrittenScenario, "phases"> & { readonly phases?: readonly PhaseConfig[] };
