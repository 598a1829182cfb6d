/** Phases that follow each other as each is through, by count or by time, instead of at times of the plan. */
import { ENDLESS } from "../core/endless.ts";
import type { Flow, Ms, Pause, Phase, Segment, Service } from "../core/model.ts";
import type { WorkloadPlan } from "../core/workload.ts";
import type { Report } from "./load_shape.ts";
import type { PhaseConfig, ScenarioConfig } from "./scenario_schema.ts";

const MOST_PHASES = 90;

type Counted = Pick<PhaseConfig, "iterations" | "workload">;

/** Whether its phases are such: where one ends by count, or says what its users do. */
export const isStaged = ({ phases }: { readonly phases?: readonly Counted[] | undefined }): boolean =>
  phases?.some(({ iterations, workload }) => iterations !== undefined || workload !== undefined) === true;

/** The scenario without the phases that are to do nothing: `iterations: 0`. */
export const withoutEmpty = (config: ScenarioConfig): ScenarioConfig =>
  config.phases?.some(({ iterations }) => iterations === 0) === true
    ? { ...config, phases: config.phases.filter(({ iterations }) => iterations !== 0) }
    : config;

export interface StageSetup {
  readonly config: ScenarioConfig;
  readonly services: readonly Service[];
  readonly plans: readonly WorkloadPlan[];
  readonly think: Pause;
  readonly report: Report;
}

export interface Stages {
  readonly flows: readonly Flow[];
  /** At times that stand for their order; when each began is known once it has. */
  readonly phases: readonly Phase[];
  readonly end: Ms;
}

/** Addresses that the calls of a workload, or those drawn by weight, may go to. */
export function urlsOf(services: readonly Service[], workload: string | undefined): number[] {
  return services
    .filter(({ workloads }) => workload === undefined || workloads?.includes(workload))
    .map(({ hosts }) => hosts?.length ?? 1);
}

/** Null where they are not sound, which is then reported. */
export function stagesOf(setup: StageSetup): Stages | null {
  const { config, report } = setup;
  const written = config.phases ?? [];
  const mistakes = mistakesOf(config);
  for (const [path, message] of mistakes) report(path, message);
  if (mistakes.length > 0) return null;
  const phases = written.map((phase, i): Phase => {
    const { name = `phase ${i + 1}`, measured = true, duration } = phase;
    return { name, start: i * ENDLESS, duration: duration === 0 ? ENDLESS : duration, measured };
  });
  const flows = written.map((phase, i) => flowOf(phase, phases[i]!, { ...setup, index: i }));
  return { flows, phases, end: phases.length * ENDLESS };
}

function flowOf(
  written: PhaseConfig,
  phase: Phase,
  { config, services, plans, think, report, index }: StageSetup & { index: number },
): Flow {
  const { iterations, per = "run", spawn_rate: spawnRate, workload = config.workload } = written;
  const users = written.users as number;
  const plan = plans.find(({ name }) => name === workload);
  const flow: Flow = {
    drive: "users",
    arrivals: "even",
    segments: rising(users, spawnRate, phase),
    think: plan?.think ?? think,
    phase: index,
    ...(workload === undefined ? {} : { workload }),
  };
  const urls = urlsOf(services, workload);
  if (per === "url" && urls.length !== 1)
    report(["phases", index, "per"], "`per: url` goes with a workload that calls one service");
  if (iterations === undefined) return flow;
  const times = { run: 1, user: users, url: urls[0] ?? 1 }[per];
  return { ...flow, iterations: iterations * times, ...(per === "url" ? { evenly: true } : {}) };
}

function rising(users: number, spawnRate: number | undefined, { start, duration }: Phase): Segment[] {
  const ramp = spawnRate === undefined ? 0 : Math.min(duration, (1000 * users) / spawnRate);
  const level = { start: start + ramp, duration: duration - ramp, from: users, to: users };
  return ramp === 0 ? [level] : [{ start, duration: ramp, from: 0, to: (ramp * (spawnRate ?? 0)) / 1000 }, level];
}

function mistakesOf({ phases = [], ...config }: ScenarioConfig): [readonly (string | number)[], string][] {
  const beside = (["warm_up", "workloads", "users", "rate", "duration", "iterations", "roles"] as const)
    .filter((key) => config[key] !== undefined)
    .map((key): [string[], string] => [[key], `\`${key}\` beside phases that end by count: expected it in the phases`]);
  const names = phases.map(({ name }, i) => name ?? `phase ${i + 1}`);
  const wrong = phases.flatMap((phase, i): [(string | number)[], string][] => [
    ...(phase.rate === undefined
      ? []
      : ([[["phases", i, "rate"], "phases that end by count bring `users`"]] as never[])),
    ...(typeof phase.users === "number" && phase.users > 0
      ? []
      : [[["phases", i], "expected `users`, one number over 0"] as [(string | number)[], string]]),
    ...(names.indexOf(names[i]!) === i
      ? []
      : [[["phases", i, "name"], `the phase name \`${names[i]}\` is taken`] as [(string | number)[], string]]),
  ]);
  const few: [string[], string][] =
    phases.length === 0 ? [[["phases"], "no phase is left that would do anything"]] : [];
  const many: [string[], string][] =
    phases.length > MOST_PHASES ? [[["phases"], `expected at most ${MOST_PHASES}`]] : [];
  return [...beside, ...wrong, ...few, ...many];
}
