/** Workloads in the plan: tasks with their weights, and their steps. */
import type { FeedUse } from "../core/feed.ts";
import type { Phase, Scenario } from "../core/model.ts";
import { pauseText } from "../core/pause.ts";
import { formatMs } from "../core/units.ts";
import type { StepPlan, TaskPlan, WorkloadPlan } from "../core/workload.ts";

const indented = (lines: readonly string[]): string[] => lines.map((line) => `  ${line}`);

export function workloadLines(scenario: Scenario): string[] {
  const { workloads = [], phases } = scenario;
  return workloads.flatMap((plan) => [
    [plan.name, ...rhythmOf(plan)].join(", "),
    ...indented((plan.feeds ?? []).map(feedText)),
    ...indented(part("on_start", plan.onStart, scenario)),
    ...plan.tasks.flatMap((task) => indented(taskLines(plan, task, scenario))),
    ...indented(part("on_stop", plan.onStop, scenario)),
    ...phases.flatMap((phase) => indented(weightLines(plan, phase))),
  ]);
}

function rhythmOf({ think, pacing, periods, session }: WorkloadPlan): string[] {
  return [
    ...(think === null ? [] : [`think time ${pauseText(think)}`]),
    ...(pacing === null ? [] : [`a task every ${formatMs(pacing)}`]),
    ...(periods === null ? [] : [`active ${pauseText(periods.active)}, idle ${pauseText(periods.idle)}`]),
    ...(session === null ? [] : [`sessions of ${pauseText(session)}`]),
  ];
}

function feedText({ feed, session }: FeedUse): string {
  const { name, file, rows, order, unique, atEnd } = feed;
  const drawn = session ? "a row a session" : "a row a task";
  const own = unique ? ["unique"] : [];
  return [`data ${name}: ${file}`, `${rows} rows`, order, ...own, drawn, `at_end ${atEnd}`].join(", ");
}

const part = (name: string, steps: readonly StepPlan[], scenario: Scenario): string[] =>
  steps.length === 0 ? [] : [name, ...indented(stepLines(steps, scenario))];

function taskLines({ tasks }: WorkloadPlan, { name, weight, steps }: TaskPlan, scenario: Scenario): string[] {
  const whole = tasks.reduce((sum, task) => sum + task.weight, 0);
  const share = Number(((100 * weight) / whole).toFixed(1));
  return [`${name}  weight ${weight}, ${share} %`, ...indented(stepLines(steps, scenario))];
}

function weightLines({ name, tasks }: WorkloadPlan, { name: phase, taskWeights = {} }: Phase): string[] {
  const changed = tasks.filter((task) => `${name}.${task.name}` in taskWeights);
  if (changed.length === 0) return [];
  const weights = changed.map((task) => `${task.name} ${taskWeights[`${name}.${task.name}`]}`);
  return [`weights in phase ${phase}: ${weights.join(", ")}`];
}

const stepLines = (steps: readonly StepPlan[], scenario: Scenario): string[] =>
  steps.flatMap((step) => stepText(step, scenario));

function stepText(step: StepPlan, scenario: Scenario): string[] {
  const within = (steps: readonly StepPlan[]) => indented(stepLines(steps, scenario));
  switch (step.do) {
    case "call": {
      const { name, endpoints } = scenario.services[step.service]!;
      const { name: call, captures = [] } = endpoints[step.endpoint]!;
      const taken = captures.map((each) => `${each.name} from ${each.from}`).join(", ");
      return [`${name}: ${call}${taken === "" ? "" : `, captures ${taken}`}`];
    }
    case "think":
      return [`think ${pauseText(step.pause)}`];
    case "set":
      return [`set ${Object.keys(step.values).join(", ")}`];
    case "loop":
      return [`loop ${step.times}`, ...within(step.steps)];
    case "until":
      return [`until ${step.condition}, at most ${step.atMost}, pause ${pauseText(step.pause)}`, ...within(step.steps)];
    case "retry":
      return [`retry ${step.times}, pause ${pauseText(step.pause)}`, ...within(step.steps)];
    case "if": {
      const otherwise = step.otherwise.length === 0 ? [] : ["else", ...within(step.otherwise)];
      return [`if ${step.condition}`, ...within(step.steps), ...otherwise];
    }
    case "choose":
      return ["choose", ...step.ways.flatMap((way) => indented([`weight ${way.weight}`, ...within(way.steps)]))];
    case "parallel":
      return ["parallel", ...step.branches.flatMap((branch) => indented(["-", ...within(branch)]))];
  }
}
