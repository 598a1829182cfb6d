/** Tags of requests, tasks and scenarios, and what `--tags` leaves of a scenario. */
import type { Scenario, Service } from "../core/model.ts";
import type { TaskPlan, WorkloadPlan } from "../core/workload.ts";
import { expectedWord } from "./problem.ts";
import type { ScenarioConfig } from "./scenario_schema.ts";
import { onlyCalled, targetsOf } from "./step_targets.ts";

type Parts = Pick<Scenario, "services" | "workloads">;

/** Every tag of the requests and tasks, each once. */
export const tagsOf = ({ services, workloads = [] }: Parts): string[] => [
  ...new Set([
    ...services.flatMap(({ endpoints }) => endpoints.flatMap(({ tags = [] }) => tags)),
    ...workloads.flatMap(({ tasks }) => tasks.flatMap(({ tags }) => tags)),
  ]),
];

const hasOne = (tags: readonly string[] | undefined, of: readonly string[]): boolean =>
  tags?.some((tag) => of.includes(tag)) === true;

/** Names of the scenarios that have one of the tags themselves. */
export const scenariosTagged = (scenarios: unknown, asked: readonly string[]): string[] =>
  Object.entries(Object(scenarios) as Readonly<Record<string, { readonly tags?: unknown } | null>>)
    .filter(([, each]) => Array.isArray(each?.tags) && hasOne(each.tags, asked))
    .map(([name]) => name);

export interface Tagged {
  readonly config: ScenarioConfig;
  readonly services: readonly Service[];
  readonly workloads: readonly WorkloadPlan[];
}

const taggedService = (service: Service, asked: readonly string[]): Service[] => {
  const endpoints = service.endpoints.filter(({ tags }) => hasOne(tags, asked));
  return endpoints.length === 0 ? [] : [{ ...service, endpoints }];
};

/** Whether the task has one of the tags, or one of its requests does. */
const isTagged = ({ tags, steps }: TaskPlan, services: readonly Service[], asked: readonly string[]): boolean =>
  hasOne(tags, asked) ||
  targetsOf(steps).some(({ service, endpoint }) => hasOne(services[service]!.endpoints[endpoint]!.tags, asked));

/** The workload with those of its tasks that are chosen; its data follow them. */
function chosenTasks(plan: WorkloadPlan, isChosen: (task: TaskPlan) => boolean): WorkloadPlan {
  const kept = [...plan.tasks.keys()].filter((place) => isChosen(plan.tasks[place]!));
  const feeds = plan.feeds?.map((use) => ({
    ...use,
    tasks: kept.flatMap((place, now) => (use.tasks.includes(place) ? [now] : [])),
  }));
  return { ...plan, tasks: kept.map((place) => plan.tasks[place]!), ...(feeds === undefined ? {} : { feeds }) };
}

/** Weights of the phases for tasks that are left. */
function weightsLeft(config: ScenarioConfig, dropped: ReadonlySet<string>): ScenarioConfig {
  const left = (weights: Readonly<Record<string, number>>) =>
    Object.fromEntries(Object.entries(weights).filter(([name]) => !dropped.has(name)));
  const phases = config.phases?.map((phase) =>
    phase.task_weights === undefined ? phase : { ...phase, task_weights: left(phase.task_weights) },
  );
  return phases === undefined ? config : { ...config, phases };
}

/**
 * What is left of a scenario: all, where it has one of the tags itself; else the tasks that have one, themselves or in
 * one of their requests, or the requests where there is no workload. Reports where nothing is.
 */
export function keepTagged(parts: Tagged, asked: readonly string[], report: (message: string) => void): Tagged {
  const { config, services, workloads } = parts;
  if (hasOne(config.tags, asked)) return parts;
  const known = [...new Set([...tagsOf(parts), ...(config.tags ?? [])])];
  const nothing = (of: string) => {
    const wrong = asked.find((tag) => !known.includes(tag)) ?? asked[0]!;
    report(
      `nothing ${of}has the tag \`${asked.join("` or `")}\`: ${known.length === 0 ? "it has no tags" : expectedWord(wrong, known)}`,
    );
  };
  if (workloads.length === 0) {
    const left = services.flatMap((service) => taggedService(service, asked));
    if (left.length === 0 && services.length > 0) nothing("");
    return { ...parts, services: left };
  }
  const isChosen = (task: TaskPlan) => isTagged(task, services, asked);
  const dropped = workloads.flatMap(({ name, tasks }) =>
    tasks.filter((task) => !isChosen(task)).map((task) => `${name}.${task.name}`),
  );
  const plans = workloads.map((plan) => chosenTasks(plan, isChosen));
  for (const { name } of plans.filter(({ tasks }) => tasks.length === 0)) nothing(`of the workload \`${name}\` `);
  return { config: weightsLeft(config, new Set(dropped)), ...onlyCalled({ services, workloads: plans }) };
}
