/** The flows of a scenario: its load, shared among its workloads by weight, and those that bring a load of their own. */
import type { Flow, Ms, Pause, Phase, Segment, Service } from "../core/model.ts";
import { peakUsers } from "../core/schedule.ts";
import type { WorkloadPlan } from "../core/workload.ts";
import { bringOwnLoad, type Load, placeOf, type Report, TOO_MANY_PIECES } from "./load_shape.ts";
import { expectedWord } from "./problem.ts";
import type { ScenarioConfig } from "./scenario_schema.ts";
import { segmentsOf } from "./segments.ts";
import { type Canvas, MOST_PIECES, moved, pieces } from "./shape.ts";
import { isShape } from "./shape_schema.ts";
import { urlsOf } from "./stages.ts";

type Named = NonNullable<ScenarioConfig["workloads"]>[number];

/** A whole shared by weights, each part whole: what is left over goes to the largest remainders. */
export function shareOut(whole: number, weights: readonly number[]): number[] {
  const sum = weights.reduce((total, weight) => total + weight, 0);
  const exact = weights.map((weight) => (whole * weight) / sum);
  const parts = exact.map(Math.floor);
  const order = exact.map((part, i) => ({ i, rest: part - parts[i]! })).sort((a, b) => b.rest - a.rest || a.i - b.i);
  let left = Math.round(whole - parts.reduce((total, part) => total + part, 0));
  for (const { i } of order) if (left-- > 0) parts[i]!++;
  return parts;
}

/** One part of the load; users stay whole where they were. */
function partOfLoad(
  segments: readonly Segment[],
  weights: readonly number[],
  i: number,
  drive: Flow["drive"],
): Segment[] {
  const sum = weights.reduce((total, weight) => total + weight, 0);
  const part = (level: number): number =>
    drive === "users" && Number.isInteger(level) ? shareOut(level, weights)[i]! : (level * weights[i]!) / sum;
  return segments.map((each) => ({ ...each, from: part(each.from), to: part(each.to) }));
}

export interface FlowSetup {
  readonly config: ScenarioConfig;
  readonly load: Load;
  readonly segments: readonly Segment[];
  readonly think: Pause;
  readonly plans: readonly WorkloadPlan[];
  readonly services: readonly Service[];
  readonly end: Ms;
  readonly report: Report;
}

/** The workload's own think time, or its pace; else the scenario's. */
function thinkOf({ plans, think }: FlowSetup, workload?: string): Pause {
  const plan = plans.find(({ name }) => name === workload);
  if (plan?.pacing) return { min: plan.pacing, max: plan.pacing };
  return plan?.think ?? think;
}

/** All flows of the scenario. */
export function flowsOf(setup: FlowSetup): Flow[] {
  const { config, load, segments } = setup;
  const base = { drive: load.drive, arrivals: config.arrivals ?? "even" } as const;
  const thinks = (workload?: string) => ({ think: thinkOf(setup, workload) });
  const list = config.workloads ?? [];
  if (list.length === 0) {
    const workload = config.workload === undefined ? {} : { workload: config.workload };
    return counted([{ ...base, segments, ...workload, ...thinks(config.workload) }], [1], setup);
  }
  const sharing = list.filter((each) => each.users === undefined && each.rate === undefined);
  const weights = sharing.map(({ weight = 1 }) => weight);
  const shared = sharing.map(
    ({ workload }, i): Flow => ({
      ...base,
      ...thinks(workload),
      workload,
      segments: partOfLoad(segments, weights, i, load.drive),
    }),
  );
  const own = list.flatMap((each, i) => (sharing.includes(each) ? [] : [ownFlow(each, i, setup)]));
  return [...counted(shared, weights, setup), ...own];
}

/** Streams of random walks: those of workloads are others than those of phases. */
const OF_WORKLOADS = 0x77;

/** A load of its own from its start to the end of the scenario. */
function ownFlow(each: Named, index: number, setup: FlowSetup): Flow {
  const { workload, users, rate, spawn_rate: spawnRate, start = 0 } = each;
  const { config, end } = setup;
  const drive = users === undefined ? "arrivals" : "users";
  const canvas: Canvas = {
    duration: Math.max(0, end - start),
    before: 0,
    whole: drive === "users",
    stream: [config.seed ?? 1, OF_WORKLOADS, index],
  };
  const segments = moved(segmentsOf({ level: users ?? rate ?? 0, spawnRate }, canvas), start);
  return { drive, arrivals: config.arrivals ?? "even", think: thinkOf(setup, workload), workload, segments };
}

/** Ends flows after their part of the iterations. */
function counted(flows: Flow[], weights: readonly number[], setup: FlowSetup): Flow[] {
  const { iterations, per = "run" } = setup.config;
  if (iterations === undefined) return flows;
  const parts = shareOut(iterations, weights);
  return flows.map((flow, i) => ({ ...flow, ...countOf(flow, { iterations, per, part: parts[i]! }, setup) }));
}

function countOf(
  flow: Flow,
  { iterations, per, part }: { iterations: number; per: "run" | "user" | "url"; part: number },
  { services, report }: FlowSetup,
): Pick<Flow, "iterations" | "evenly"> {
  if (per === "run") return { iterations: part };
  if (per === "user") return { iterations: iterations * peakUsers(flow.segments) };
  const urls = urlsOf(services, flow.workload);
  if (urls.length !== 1) report(["per"], "`per: url` goes with a workload that calls one service");
  return { iterations: iterations * (urls[0] ?? 1), evenly: true };
}

/** Reports what the workloads of a scenario cannot be together with. */
export function checkFlows(config: ScenarioConfig, plans: readonly WorkloadPlan[], load: Load, report: Report): void {
  const { workload, workloads: list, iterations, per } = config;
  if (workload !== undefined && list !== undefined)
    report(["workloads"], "`workloads` beside `workload`: expected one of them");
  list?.forEach((each, i) => {
    const keys = (["users", "rate", "weight"] as const).filter((key) => each[key] !== undefined);
    if (keys.length > 1)
      report(["workloads", i, keys[1]!], `\`${keys[1]}\` beside \`${keys[0]}\`: expected one of them`);
    if (each.start !== undefined && each.users === undefined && each.rate === undefined)
      report(["workloads", i, "start"], "`start` goes with `users` or `rate`");
    checkOwnLoad(each, load, (key, message) => report(["workloads", i, key], message));
  });
  const own = list?.every(({ users, rate, weight = 1 }) => users !== undefined || rate !== undefined || weight === 0);
  if (own && !bringOwnLoad(config))
    report(["workloads"], "expected one with a weight over 0, which the scenario's load goes to");
  if (iterations !== undefined && list?.some(({ users, rate }) => users !== undefined || rate !== undefined))
    report(["iterations"], "`iterations` goes with workloads that share the scenario's load by weight");
  if (per !== undefined && iterations === undefined) report(["per"], "`per` goes with `iterations`");
  if (per !== undefined && per !== "run" && load.drive === "arrivals")
    report(["per"], `\`per: ${per}\` goes with \`users\``);
  checkDrive(config, plans, load, report);
}

/** Reports what a workload's own load cannot be. */
function checkOwnLoad(each: Named, { spans }: Load, report: (key: string, message: string) => void): void {
  const { users, rate, spawn_rate: spawnRate } = each;
  const [key, level] = users === undefined ? (["rate", rate] as const) : (["users", users] as const);
  if (spawnRate !== undefined && typeof users !== "number")
    report("spawn_rate", "`spawn_rate` goes with a number of `users`");
  const length = spans.reduce((sum, { duration }) => sum + duration, 0);
  if (typeof level === "object" && isShape(level) && pieces(level, length) > MOST_PIECES) report(key, TOO_MANY_PIECES);
}

/** A user's rhythm is its own: arrivals come when they are due. */
function checkDrive(config: ScenarioConfig, plans: readonly WorkloadPlan[], load: Load, report: Report): void {
  for (const { name, pacing, periods, session } of plans) {
    const drives = [
      ...(config.workload === name ? [load.drive] : []),
      ...(config.workloads ?? [])
        .filter(({ workload }) => workload === name)
        .map(({ users, rate }) => (rate !== undefined ? "arrivals" : users !== undefined ? "users" : load.drive)),
    ];
    const key = pacing !== null ? "pacing" : periods !== null ? "active" : session !== null ? "session" : null;
    if (key !== null && drives.includes("arrivals"))
      report(
        ["workload"],
        `the workload \`${name}\` has \`${key}\`, which goes with \`users\`: a rate says when arrivals come`,
      );
  }
}

/** The phases with the task weights that they are written with; names that are none are reported. */
export function weighPhases(
  phases: readonly Phase[],
  { phases: written = [] }: ScenarioConfig,
  { plans, report }: { plans: readonly WorkloadPlan[]; report: Report },
): Phase[] {
  const legal = plans.flatMap(({ name, tasks }) => tasks.map((task) => `${name}.${task.name}`));
  const full = (key: string): string => (legal.includes(key) || plans.length !== 1 ? key : `${plans[0]!.name}.${key}`);
  return phases.map((phase) => {
    const at = placeOf(phase, written);
    const weights = written[at]?.task_weights;
    if (weights === undefined) return phase;
    const path = ["phases", at, "task_weights"];
    for (const key of Object.keys(weights))
      if (!legal.includes(full(key)))
        report([...path, key], `no task is named \`${key}\`: ${expectedWord(key, legal)}`);
    const taskWeights = Object.fromEntries(Object.entries(weights).map(([key, weight]) => [full(key), weight]));
    for (const { name, tasks } of plans)
      if (tasks.length > 0 && tasks.every((task) => (taskWeights[`${name}.${task.name}`] ?? task.weight) === 0))
        report(path, `the weights of the tasks of \`${name}\` sum to nothing here: give at least one a weight over 0`);
    return { ...phase, taskWeights };
  });
}
