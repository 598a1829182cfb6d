/** The workloads of a file: plans of what users do, and the calls that these add to the services. */

import type { FeedUse } from "../core/feed.ts";
import { meanPause } from "../core/pause.ts";
import type { Target, WorkloadPlan } from "../core/workload.ts";
import type { Path } from "./document.ts";
import type { Draft } from "./draft.ts";
import { readFeeds } from "./feeds.ts";
import { valueAt } from "./issues.ts";
import { readProgram } from "./programs.ts";
import { movedPlan } from "./step_targets.ts";
import { type StepCall, StepReader } from "./steps.ts";
import { type StepConfig, type WorkloadConfig, workloadSchema } from "./workload_schema.ts";

/** A workload whose calls are positions in `calls` yet. */
export interface ReadWorkload {
  readonly plan: WorkloadPlan;
  readonly calls: readonly StepCall[];
}

/** Names of all workloads of the file, also of those that cannot be read. */
export const workloadNames = (tree: unknown): string[] => Object.keys(Object(valueAt(tree, ["workloads"])));

/** Reads every workload; mistakes are reported. */
export async function readWorkloads(draft: Draft): Promise<Map<string, ReadWorkload>> {
  const schema = workloadSchema(draft.request.protocols);
  const read = new Map<string, ReadWorkload>();
  for (const name of workloadNames(draft.value)) {
    const config = schema.safeParse(valueAt(draft.value, ["workloads", name])).data;
    if (config !== undefined) read.set(name, await readWorkload(name, config, draft));
  }
  return read;
}

async function readWorkload(name: string, config: WorkloadConfig, draft: Draft): Promise<ReadWorkload> {
  const at = (...keys: Path): Path => ["workloads", name, ...keys];
  const report = (path: Path, message: string): void => draft.reportAt(path, message);
  checkTimes(config, (key, message) => report(at(key), message));
  const feeds = await readFeeds(name, config, draft);
  if (config.file !== undefined) return { plan: await readCode(name, config, { draft, feeds: feeds.uses }), calls: [] };
  const reader = new StepReader({
    workload: name,
    protocols: draft.request.protocols,
    tree: draft.value,
    service: config.service,
    known: [...namesGiven(config), ...feeds.known],
    report,
  });
  const list = (key: "on_start" | "on_stop") => reader.list(config[key] as readonly StepConfig[], at(key));
  const onStart = list("on_start");
  const tasks = readTasks(name, config, { reader, report });
  const plan: WorkloadPlan = {
    name,
    kind: "steps",
    tasks,
    onStart,
    onStop: list("on_stop"),
    ...rhythmOf(config),
    feeds: feeds.uses,
    settings: null,
  };
  return { plan, calls: reader.calls };
}

/** Of tasks that are code: it may use the data in any of them; rows that are unique belong to the user's session. */
async function readCode(
  name: string,
  config: WorkloadConfig,
  { draft, feeds }: { draft: Draft; feeds: readonly FeedUse[] },
): Promise<WorkloadPlan> {
  const { tasks, file } = await readProgram(name, config, draft);
  const every = tasks.map((_, i) => i);
  return {
    name,
    kind: "code",
    tasks: tasks.map((task) => ({ ...task, steps: [] })),
    onStart: [],
    onStop: [],
    ...rhythmOf(config),
    feeds: feeds.map(({ feed }) => ({ feed, session: feed.unique, tasks: every })),
    settings: { file, ...(config.service === undefined ? {} : { service: config.service }) },
  };
}

type Rhythm = Pick<WorkloadPlan, "think" | "pacing" | "periods" | "session">;

const rhythmOf = ({ think_time, pacing, active, idle, session }: WorkloadConfig): Rhythm => ({
  think: think_time ?? null,
  pacing: pacing ?? null,
  periods: active === undefined || idle === undefined ? null : { active, idle },
  session: session ?? null,
});

interface Reading {
  readonly reader: StepReader;
  readonly report: (path: Path, message: string) => void;
}

function readTasks(name: string, { tasks, steps }: WorkloadConfig, { reader, report }: Reading): WorkloadPlan["tasks"] {
  const path = ["workloads", name];
  if ((tasks === undefined) === (steps === undefined))
    report(path, `expected \`tasks\`, or \`steps\` where there is but one, found ${tasks ? "both" : "neither"}`);
  const written = tasks ?? [{ name, weight: 1, tags: [], steps: steps ?? [] }];
  if (written.every(({ weight }) => weight === 0))
    report([...path, "tasks"], "the weights of its tasks sum to nothing: give at least one a weight over 0");
  return written.map((task, i) => {
    const at = tasks === undefined ? ["steps"] : ["tasks", i, "steps"];
    if (written.findIndex((each) => each.name === task.name) !== i)
      report(
        [...path, "tasks", i, "name"],
        `the name \`${task.name}\` is taken: expected a name of its own for every task`,
      );
    reader.tags = task.tags;
    const read = reader.list(task.steps as readonly StepConfig[], [...path, ...at]);
    reader.tags = [];
    return { name: task.name, weight: task.weight, tags: task.tags, steps: read };
  });
}

function checkTimes(config: WorkloadConfig, report: (key: string, message: string) => void): void {
  const { pacing, think_time, active, idle, session } = config;
  if (pacing !== undefined && think_time !== undefined)
    report("pacing", "`pacing` beside `think_time`: expected one of them");
  if (pacing !== undefined && pacing < 1) report("pacing", "expected at least 1ms");
  if ((active === undefined) !== (idle === undefined))
    report(active === undefined ? "idle" : "active", "expected `active` and `idle` together");
  for (const [key, pause] of Object.entries({ active, idle, session }))
    if (pause !== undefined && !(meanPause(pause) > 0)) report(key, "expected a length over 0");
}

/** Names that captures and `set` give values to, anywhere in the workload. */
function namesGiven(node: unknown): string[] {
  if (typeof node !== "object" || node === null) return [];
  const { capture, set } = node as StepConfig;
  const own = Array.isArray(node) ? [] : [...Object.keys(Object(capture)), ...Object.keys(Object(set))];
  return [...new Set([...own, ...Object.values(node).flatMap(namesGiven)])];
}

/** The plan with each call at its place in the scenario. */
export const placed = ({ plan }: ReadWorkload, targets: readonly Target[]): WorkloadPlan =>
  movedPlan(plan, ({ endpoint }) => targets[endpoint]!);
