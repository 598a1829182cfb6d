/** What a kind of workload is to the engine. */
import type { FeedPlan, Rows } from "./feed.ts";
import type { MetricInfo, Ms, NoticeKind, OpInfo, Outcome, Scenario } from "./model.ts";
import type { Answer, User } from "./plugin.ts";
import type { Random } from "./random.ts";
import type { Values } from "./template.ts";
import type { Target, WorkloadPlan } from "./workload_plan.ts";

export type { Capture, StepPlan, Target, TaskPlan, WorkloadPlan } from "./workload_plan.ts";

/** A call that the plan does not know: an entry of its service's own list, compiled at its first use. */
export interface Request {
  /** Position of the service in the scenario. */
  readonly service: number;
  readonly entry: Readonly<Record<string, unknown>>;
}

/** How such a call ended. It is recorded when its user asks for that, a second later at most. */
export interface Ended {
  /** The run's clock. */
  readonly end: Ms;
  readonly duration: Ms;
  readonly outcome: Outcome;
  readonly status: string;
  readonly message: string;
  readonly answer: Answer | null;
  /** `checked`: whether something was checked of it. `wrong`: the sentence that makes an ok answer invalid. */
  record(checked: boolean, wrong: string | null): void;
}

/** A metric that the plan does not know; it is a line of its own in the reports. */
export interface Line {
  readonly name: string;
  readonly method: string;
  readonly metrics: readonly MetricInfo[];
}

/** Where templates of such an entry find what the call brings. */
export const ASKED = "asked";

/** Values that steps may add to: captures, `set`. */
export type StepValues = Values & { [name: string]: unknown };

/**
 * What a user does at a time: the start of its session, an iteration, the end of it. The engine makes its calls and
 * pauses; what takes time ends by `done`, which may come before the method returns, and never comes once the activity
 * is given up because the user leaves or the run is stopped.
 */
export interface Activity {
  readonly user: User;
  /** Position of its flow in the scenario. */
  readonly flow: number;
  /** A feed has no row left: the run ends, and the activity is given up. */
  exhausted(feed: string): void;
  /** Makes a call, what it needs (log in, connect) first. Its captures are in `values` then. */
  call(target: Target, values: StepValues, done: (ok: boolean) => void): void;
  /** Makes a call that the plan does not know. Throws an Error with a sentence where there is no such call. */
  ask(request: Request, values: StepValues, done: (ended: Ended) => void): void;
  pause(length: Ms, done: () => void): void;
  /** Records `line.metrics[index]`, in its unit. */
  measure(line: Line, index: number, value: number): void;
  /** Code of the task of `OpenWorkload.metrics[index]` broke: `message` is shown among the failures. */
  broke(index: number, message: string): void;
  /** Records `OpenWorkload.metrics[index]`, in its unit. */
  metric(index: number, value: number): void;
  /** The run's clock. */
  now(): Ms;
  /** Set by who must know that the activity was given up. */
  onAbandon: (() => void) | null;
}

/** A metric of a workload: which of its tasks gives it, its name and its unit. */
export interface TaskMetric {
  readonly task: string;
  readonly name: string;
  readonly unit: string;
}

/** A workload in one worker, compiled. All of its choices come from `values.random`. */
export interface OpenWorkload {
  readonly metrics: readonly TaskMetric[];
  /** A session begins. Absent where there is nothing to do. */
  start?(activity: Activity, values: StepValues, done: () => void): void;
  /** One task. `phase` is the position of the phase that it is due in. */
  iterate(activity: Activity, values: StepValues, phase: number, done: () => void): void;
  /** A session ends. */
  stop?(activity: Activity, values: StepValues, done: () => void): void;
  /** The first call of an iteration that was due and not begun; null where it makes none. */
  first(random: Random, phase: number): Target | Request | null;
  close?(): Promise<void>;
}

/** What a workload is opened for. */
export interface WorkloadHost {
  readonly scenario: Scenario;
  readonly drive: "users" | "arrivals";
  /** Opens the data file of a feed. */
  openFeed?(feed: FeedPlan): Promise<Rows>;
  /** What code of the workload's `setup` gave, by the workload's name. */
  readonly shared?: Readonly<Record<string, unknown>>;
  /** Said once, however often. */
  notice?(kind: NoticeKind, text: string): void;
  /** A line for who looks on. */
  log?(text: string): void;
}

/** A way to say what users do: by steps, by code. `plan` is null where the config names no workload. */
export interface WorkloadKind {
  readonly kind: string;
  open(plan: WorkloadPlan | null, host: WorkloadHost): OpenWorkload | Promise<OpenWorkload>;
}

/** What a task is called where a call's protocol and method stand: it is timed as a line of its own and is no request. */
export const TASK = { protocol: "workload", method: "task" } as const;

export const isTask = ({ protocol }: Pick<OpInfo, "protocol">): boolean => protocol === TASK.protocol;

export const defineWorkloadKind = (kind: WorkloadKind): WorkloadKind => kind;
