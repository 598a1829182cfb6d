/** Workloads of steps: weighted tasks, told in the config alone. */
import { weighted } from "../core/random.ts";
import { type Activity, defineWorkloadKind, type StepPlan, type StepValues } from "../core/workload.ts";
import { compileSteps } from "./compile.ts";
import { type Feeds, openFeeds } from "./feeds.ts";
import { Fiber, type Node } from "./fiber.ts";
import { firstCall, namesSet, weightsOf } from "./look.ts";

/** Time from the start of a task to its end. */
export const TASK_DURATION = "task_duration";

type Run = (activity: Activity, values: StepValues, done: () => void) => void;

/** Names that outlive the activity in which they were captured or set: the user keeps them for its session. */
class Memory {
  private readonly names: readonly string[];

  constructor(names: readonly string[]) {
    this.names = names;
  }

  recall({ slots }: Activity["user"], values: StepValues): void {
    const kept = slots.get(this);
    if (kept !== undefined) Object.assign(values, kept);
  }

  keep({ slots }: Activity["user"], values: StepValues): void {
    if (this.names.length === 0) return;
    const kept: Record<string, unknown> = {};
    for (const name of this.names) if (Object.hasOwn(values, name)) kept[name] = values[name];
    slots.set(this, kept);
  }
}

function runner(node: Node, memory: Memory, keeps: boolean): Run {
  return (activity, values, done) => {
    memory.recall(activity.user, values);
    const fiber = new Fiber(activity, values, () => {
      if (keeps) memory.keep(activity.user, values);
      done();
    });
    fiber.resume(node);
  };
}

/** The session's rows are at hand. */
const withRows =
  (feeds: Feeds, run: Run): Run =>
  (activity, values, done) => {
    feeds.recall(activity.user, values);
    run(activity, values, done);
  };

/**
 * What users capture they keep for their session. Where arrivals drive, an arrival knows what `on_start` captured and no
 * more: what it does may not hang on which user carries it.
 */
export const steps = defineWorkloadKind({
  kind: "steps",
  async open(plan, host) {
    const { scenario, drive } = host;
    const { name, tasks, onStart, onStop, feeds: uses = [] } = plan!;
    const feeds = await openFeeds(name, uses, host);
    const memory = new Memory(namesSet(plan!, scenario));
    const compile = (written: readonly StepPlan[], keeps: boolean): Run => runner(compileSteps(written), memory, keeps);
    const [start, stop] = [compile(onStart, true), compile(onStop, false)];
    const begin: Run = (activity, values, done) => {
      if (!feeds.begin(activity, values)) return;
      feeds.recall(activity.user, values);
      start(activity, values, done);
    };
    const bodies = tasks.map((task) => compile(task.steps, drive === "users"));
    const firsts = tasks.map((task) => firstCall(task.steps));
    const pickers = scenario.phases.map((phase) => weighted(weightsOf(name, tasks, phase)));
    return {
      metrics: tasks.map((task) => ({ task: task.name, name: TASK_DURATION, unit: "ms" })),
      ...(onStart.length === 0 && !uses.some(({ session }) => session) ? {} : { start: begin }),
      ...(onStop.length === 0 ? {} : { stop: withRows(feeds, stop) }),
      iterate: (activity, values, phase, done) => {
        const task = pickers[phase]!(values.random);
        if (!feeds.fill(task, activity, values)) return;
        feeds.recall(activity.user, values);
        const began = activity.now();
        bodies[task]!(activity, values, () => {
          activity.metric(task, activity.now() - began);
          done();
        });
      },
      close: async () => feeds.close(),
      first: (random, phase) => firsts[pickers[phase]!(random)]!,
    };
  },
});
