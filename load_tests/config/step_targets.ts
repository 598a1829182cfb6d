/** The calls that steps make, as places of endpoints. */
import type { Service } from "../core/model.ts";
import type { StepPlan, Target, WorkloadPlan } from "../core/workload.ts";

/** The steps with each call at another place. */
export const moved = (steps: readonly StepPlan[], to: (target: Target) => Target): StepPlan[] =>
  steps.map((step): StepPlan => {
    const within = (inner: readonly StepPlan[]) => moved(inner, to);
    switch (step.do) {
      case "call":
        return { do: "call", ...to(step) };
      case "loop":
      case "until":
      case "retry":
        return { ...step, steps: within(step.steps) };
      case "if":
        return { ...step, steps: within(step.steps), otherwise: within(step.otherwise) };
      case "choose":
        return { ...step, ways: step.ways.map(({ weight, steps }) => ({ weight, steps: within(steps) })) };
      case "parallel":
        return { ...step, branches: step.branches.map(within) };
      default:
        return step;
    }
  });

/** The plan with each call at another place. */
export const movedPlan = (plan: WorkloadPlan, to: (target: Target) => Target): WorkloadPlan => ({
  ...plan,
  tasks: plan.tasks.map((task) => ({ ...task, steps: moved(task.steps, to) })),
  onStart: moved(plan.onStart, to),
  onStop: moved(plan.onStop, to),
});

/** Where the calls of steps go, each as often as it is written. */
export function targetsOf(steps: readonly StepPlan[]): Target[] {
  const found: Target[] = [];
  moved(steps, (target) => {
    found.push(target);
    return target;
  });
  return found;
}

interface Called {
  readonly services: readonly Service[];
  readonly workloads: readonly WorkloadPlan[];
}

/** Leaves out the endpoints, and the services, that no step of the workloads calls. What code calls is not known: all stay. */
export function onlyCalled({ services, workloads }: Called): Called {
  if (workloads.some(({ kind }) => kind === "code")) return { services, workloads };
  const steps = workloads.flatMap(({ tasks, onStart, onStop }) => [
    ...onStart,
    ...tasks.flatMap((task) => task.steps),
    ...onStop,
  ]);
  const targets = targetsOf(steps);
  const places = services.map((_, at) => [
    ...new Set(targets.filter(({ service }) => service === at).map(({ endpoint }) => endpoint)),
  ]);
  const left = [...services.keys()].filter((at) => places[at]!.length > 0);
  const to = ({ service, endpoint }: Target): Target => ({
    service: left.indexOf(service),
    endpoint: places[service]!.indexOf(endpoint),
  });
  return {
    services: left.map((at) => ({
      ...services[at]!,
      endpoints: places[at]!.map((place) => services[at]!.endpoints[place]!),
    })),
    workloads: workloads.map((plan) => movedPlan(plan, to)),
  };
}
