/** The workloads of a run, opened once a worker, and where what they measure is recorded. */
import type { Flow, OpInfo, Scenario } from "../core/model.ts";
import { type OpenWorkload, TASK, type WorkloadHost, type WorkloadKind, type WorkloadPlan } from "../core/workload.ts";
import type { MetricPlaces } from "./sample.ts";

export interface Opened {
  /** Null: the config names none. */
  readonly plan: WorkloadPlan | null;
  readonly workload: OpenWorkload;
  /** Of each of `workload.metrics`: the id of its task among the ops, and the place among that one's metrics. */
  readonly places: readonly { readonly op: number; readonly place: number }[];
}

export interface Workloads {
  of(flow: Flow): Opened;
  /** The tasks as lines of their own among the ops, after those of the clients: they are timed and are no requests. */
  readonly tasks: readonly OpInfo[];
  close(): Promise<void>;
}

export interface WorkloadsSetup extends Omit<WorkloadHost, "scenario" | "drive"> {
  /** How many ids the ops of the clients have. */
  readonly clientOps: number;
}

export async function openWorkloads(
  scenario: Scenario,
  kinds: readonly WorkloadKind[],
  { clientOps, ...host }: WorkloadsSetup,
): Promise<Workloads> {
  const opened = new Map<string | undefined, Opened>();
  const tasks: OpInfo[] = [];
  for (const { workload: name, drive } of scenario.flows) {
    if (opened.has(name)) continue;
    const plan = scenario.workloads?.find((each) => each.name === name) ?? null;
    const workload = await kindOf(plan, kinds).open(plan, { scenario, drive, ...host });
    const places = place(workload, { name: name ?? "", plan, from: clientOps + tasks.length, tasks });
    opened.set(name, { plan, workload, places });
  }
  return {
    of: ({ workload }) => opened.get(workload)!,
    tasks,
    close: async () => void (await Promise.allSettled([...opened.values()].map((each) => each.workload.close?.()))),
  };
}

function kindOf(plan: WorkloadPlan | null, kinds: readonly WorkloadKind[]): WorkloadKind {
  const wanted = plan?.kind ?? "requests";
  const kind = kinds.find((each) => each.kind === wanted);
  if (kind === undefined) throw new Error(`no kind of workload is registered for ${wanted}`);
  return kind;
}

interface Room {
  readonly name: string;
  readonly plan: WorkloadPlan | null;
  /** Id of the first task. */
  readonly from: number;
  readonly tasks: OpInfo[];
}

/** Gives each task that measures something an id of its own. */
function place({ metrics }: OpenWorkload, { name, plan, from, tasks }: Room): Opened["places"] {
  const names = [...new Set(metrics.map(({ task }) => task))];
  const own = names.map((task) => metrics.filter((each) => each.task === task));
  names.forEach((task, i) => {
    const infos = own[i]!.map((each) => ({ name: each.name, unit: each.unit }));
    const { tags = [] } = plan?.tasks.find((each) => each.name === task) ?? {};
    tasks.push({ service: name, name: task, ...TASK, ...(tags.length === 0 ? {} : { tags }), metrics: infos });
  });
  return metrics.map((each) => {
    const i = names.indexOf(each.task);
    return { op: from + i, place: own[i]!.indexOf(each) };
  });
}

/** Where a task's metrics are among its series' histograms. */
export const placesOfTask = ({ metrics }: OpInfo): MetricPlaces => ({
  names: metrics.map(({ name }) => name),
  first: -1,
  gap: -1,
  extra: 0,
});
