/** What an iteration of a flow comes to: calls by endpoint, as the weights of tasks and ways have them. */
import { isEndless } from "../core/endless.ts";
import type { Flow, Scenario } from "../core/model.ts";
import { meanPause } from "../core/pause.ts";
import type { StepPlan, WorkloadPlan } from "../core/workload.ts";

/** Calls of one iteration that go to an endpoint. */
export interface Expected {
  readonly service: string;
  readonly name: string;
  calls: number;
}

const total = (items: readonly { weight: number }[]): number => items.reduce((sum, { weight }) => sum + weight, 0) || 1;

/** Conditions are taken to hold, tries to succeed at once, and a loop of unknown length to be done once. */
function addCalls(
  steps: readonly StepPlan[],
  times: number,
  add: (step: StepPlan & { do: "call" }, times: number) => void,
): void {
  for (const step of steps) {
    if (step.do === "call") add(step, times);
    else if (step.do === "loop") addCalls(step.steps, typeof step.times === "number" ? times * step.times : times, add);
    else if (step.do === "until" || step.do === "retry" || step.do === "if") addCalls(step.steps, times, add);
    else if (step.do === "parallel") for (const branch of step.branches) addCalls(branch, times, add);
    else if (step.do === "choose")
      for (const way of step.ways) addCalls(way.steps, (times * way.weight) / total(step.ways), add);
  }
}

const planOf = ({ workloads = [] }: Scenario, { workload }: Flow): WorkloadPlan | undefined =>
  workloads.find(({ name }) => name === workload);

/** Code is taken to make one call. By endpoint; of a flow without a workload the one call that it makes, shared by weight. */
export function callsOf(scenario: Scenario, flow: Flow): Expected[] {
  const { services } = scenario;
  const plan = planOf(scenario, flow);
  const found = new Map<string, Expected>();
  const add = (service: string, name: string, calls: number): void => {
    const key = `${service}\u0000${name}`;
    const known = found.get(key) ?? { service, name, calls: 0 };
    known.calls += calls;
    found.set(key, known);
  };
  if (plan === undefined)
    for (const { name, weight, endpoints } of services)
      for (const each of endpoints) add(name, each.name, (weight / total(services)) * (each.weight / total(endpoints)));
  if (plan?.kind === "code") add(plan.name, "a call", 1);
  for (const task of plan?.tasks ?? [])
    addCalls(task.steps, task.weight / total(plan!.tasks), ({ service, endpoint }, times) => {
      const called = services[service]!;
      add(called.name, called.endpoints[endpoint]!.name, times);
    });
  return [...found.values()];
}

/** Seconds that a call is taken to last, where users wait for it before they think. */
const CALL_SECONDS = 1;

/** Iterations per second at a level: arrivals; users over think time plus a second a call, or one in each `pacing`. */
export function iterationRate(scenario: Scenario, flow: Flow, level: number): number {
  if (flow.drive === "arrivals") return level;
  const plan = planOf(scenario, flow);
  const calls = plan === undefined ? 1 : callsOf(scenario, flow).reduce((sum, each) => sum + each.calls, 0);
  const seconds = meanPause(flow.think) / 1000;
  const periods = plan?.periods;
  const acting = periods ? meanPause(periods.active) / (meanPause(periods.active) + meanPause(periods.idle)) : 1;
  return (acting * level) / (plan?.pacing ? Math.max(seconds, calls * CALL_SECONDS) : seconds + calls * CALL_SECONDS);
}

/** Part of what the level would bring that a count of iterations leaves. */
export function countedPart(scenario: Scenario, flow: Flow, levelSeconds: number): number {
  if (flow.iterations === undefined) return 1;
  const all = iterationRate(scenario, flow, levelSeconds);
  return all === 0 ? 0 : Math.min(1, flow.iterations / all);
}

export const hasEnd = ({ flows, duration }: Scenario): boolean =>
  !isEndless(duration) || flows.every(({ iterations }) => iterations !== undefined);
