/** What users do, as plain data. */
import type { FeedUse } from "./feed.ts";
import type { Ms, Pause } from "./time.ts";

/** A call: positions of a service in the scenario and of an endpoint in the service. */
export interface Target {
  readonly service: number;
  readonly endpoint: number;
}

/** A value that is taken out of an answer into the values of the steps that follow. */
export interface Capture {
  readonly name: string;
  /** `$...` (JSONPath), `header:NAME`, `/pattern(group)/`, or a field's path. */
  readonly from: string;
  /** All that is found, as a list; else the first. */
  readonly list: boolean;
  /** Taken where the answer has nothing; absent, such an answer is invalid. */
  readonly default?: unknown;
}

/** One step of a task. Templates are unfilled. */
export type StepPlan =
  | ({ readonly do: "call" } & Target)
  | { readonly do: "think"; readonly pause: Pause }
  /** A value of null takes the name away. */
  | { readonly do: "set"; readonly values: Readonly<Record<string, unknown>> }
  /** `times`: a number, or a template that gives one. */
  | { readonly do: "loop"; readonly times: number | string; readonly steps: readonly StepPlan[] }
  /** Repeats the steps until the condition holds, at most so often. */
  | ({ readonly do: "until"; readonly condition: string; readonly atMost: number } & Repeated)
  /** Repeats the steps while one of their calls fails, at most so often. */
  | ({ readonly do: "retry"; readonly times: number } & Repeated)
  | {
      readonly do: "if";
      readonly condition: string;
      readonly steps: readonly StepPlan[];
      readonly otherwise: readonly StepPlan[];
    }
  | {
      readonly do: "choose";
      readonly ways: readonly { readonly weight: number; readonly steps: readonly StepPlan[] }[];
    }
  | { readonly do: "parallel"; readonly branches: readonly (readonly StepPlan[])[] };

interface Repeated {
  readonly pause: Pause;
  readonly steps: readonly StepPlan[];
}

export interface TaskPlan {
  readonly name: string;
  readonly weight: number;
  readonly tags: readonly string[];
  /** Empty where the workload's kind has its tasks elsewhere. */
  readonly steps: readonly StepPlan[];
}

/** A workload of the config, every default written out. */
export interface WorkloadPlan {
  readonly name: string;
  /** `kind` of the WorkloadKind that it is of. */
  readonly kind: string;
  readonly tasks: readonly TaskPlan[];
  readonly onStart: readonly StepPlan[];
  readonly onStop: readonly StepPlan[];
  /** After each task; null: the scenario's. */
  readonly think: Pause | null;
  /** A task starts at each instant of this grid, instead of thinking; null without. */
  readonly pacing: Ms | null;
  /** Lengths of the periods in which users act and do not; null: they always act. */
  readonly periods: { readonly active: Pause; readonly idle: Pause } | null;
  /** Data files that its tasks draw from. */
  readonly feeds?: readonly FeedUse[];
  /** Length of a session; null: as long as the user is there. */
  readonly session: Pause | null;
  /** What the kind itself needs to know beside that. */
  readonly settings: unknown;
}
