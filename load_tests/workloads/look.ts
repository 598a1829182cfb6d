/** What can be told of steps without running them. */
import type { Phase, Scenario } from "../core/model.ts";
import type { StepPlan, Target, TaskPlan, WorkloadPlan } from "../core/workload.ts";

/** The steps within a step. */
export function stepsWithin(step: StepPlan): readonly StepPlan[] {
  switch (step.do) {
    case "loop":
    case "until":
    case "retry":
      return step.steps;
    case "if":
      return [...step.steps, ...step.otherwise];
    case "choose":
      return step.ways.flatMap(({ steps }) => steps);
    case "parallel":
      return step.branches.flat();
    default:
      return [];
  }
}

/** All steps, those within others too, in the order they are written. */
export const allSteps = (steps: readonly StepPlan[]): StepPlan[] =>
  steps.flatMap((step) => [step, ...allSteps(stepsWithin(step))]);

/** The first call as it is written; null where there is none. */
export function firstCall(steps: readonly StepPlan[]): Target | null {
  const call = allSteps(steps).find((step) => step.do === "call");
  return call === undefined ? null : { service: call.service, endpoint: call.endpoint };
}

/** Names that captures and `set` give values to. */
export function namesSet({ onStart, tasks }: WorkloadPlan, { services }: Scenario): string[] {
  const all = allSteps([...onStart, ...tasks.flatMap(({ steps }) => steps)]);
  const names = all.flatMap((step) => {
    if (step.do === "set") return Object.keys(step.values);
    if (step.do !== "call") return [];
    return (services[step.service]?.endpoints[step.endpoint]?.captures ?? []).map(({ name }) => name);
  });
  return [...new Set(names)];
}

/** Weights of the tasks in a phase. */
export const weightsOf = (workload: string, tasks: readonly TaskPlan[], { taskWeights = {} }: Phase): number[] =>
  tasks.map(({ name, weight }) => taskWeights[`${workload}.${name}`] ?? weight);
