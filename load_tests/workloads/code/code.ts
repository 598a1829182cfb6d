/** Workloads of code: tasks that a user's own file defines. */
import { formatWithOptions } from "node:util";
import type { WorkloadUser } from "../../core/code.ts";
import { weighted } from "../../core/random.ts";
import {
  type Activity,
  defineWorkloadKind,
  type OpenWorkload,
  type Request,
  type StepValues,
} from "../../core/workload.ts";
import { type Feeds, openFeeds } from "../feeds.ts";
import { weightsOf } from "../look.ts";
import { TASK_DURATION } from "../steps.ts";
import { Book } from "./book.ts";
import { placeOf, reasonOf } from "./broken.ts";
import { type Crew, Hand, Left } from "./hand.ts";
import { type Program, readProgram } from "./program.ts";

export const EXCEPTIONS = "exceptions";

/** `WorkloadPlan.settings` of this kind. */
export interface CodeSettings {
  /** Absolute. */
  readonly file: string;
  /** The service of its calls, where they name none. */
  readonly service?: string;
}

/** Lines that a worker says of its users' code. */
const MOST_LINES = 1000;
/** Kinds of exceptions that are said as they come; all are counted. */
const MOST_TOLD = 20;

type Body = (user: WorkloadUser) => unknown;

export const code = defineWorkloadKind({
  kind: "code",
  async open(plan, host) {
    const { name, tasks, feeds: uses = [], settings } = plan!;
    const { file, service } = settings as CodeSettings;
    const program = await readProgram(file);
    const feeds = await openFeeds(name, uses, host);
    const bodies = tasks.map((task) => program.tasks.find((each) => each.name === task.name)!.run);
    const pickers = host.scenario.phases.map((phase) => weighted(weightsOf(name, tasks, phase)));
    const runner = new Runner(
      { name, feeds, rows: uses.map(({ feed }) => feed.name), drive: host.drive, log: host.log ?? (() => {}) },
      {
        book: new Book(host),
        services: host.scenario.services,
        service,
        shared: host.shared?.[name],
        tags: [],
      },
      tasks.map((task) => task.tags),
    );
    const firsts: (Request | null)[] = tasks.map(() => null);
    const session = sessionOf(program, { runner, feeds, from: tasks.length, draws: uses.some((each) => each.session) });
    return {
      metrics: [...tasks.map((task) => task.name), ...session.names].flatMap(metricsOf),
      ...session.acts,
      iterate: (activity, values, phase, done) => {
        const task = pickers[phase]!(values.random);
        if (!feeds.fill(task, activity, values)) return;
        runner.run({ place: task, body: bodies[task]! }, activity, values, ({ first }) => {
          firsts[task] ??= first;
          done();
        });
      },
      first: (random, phase) => firsts[pickers[phase]!(random)]!,
      close: async () => {
        runner.close();
        feeds.close();
      },
    };
  },
});

const metricsOf = (task: string) => [
  { task, name: TASK_DURATION, unit: "ms" },
  { task, name: EXCEPTIONS, unit: "ratio" },
];

/** What is done at the start and the end of sessions; these are lines of their own among the tasks. */
function sessionOf(
  { start, stop }: Program,
  { runner, feeds, from, draws }: { runner: Runner; feeds: Feeds; from: number; draws: boolean },
): { names: string[]; acts: Pick<OpenWorkload, "start" | "stop"> } {
  const names = [...(start === undefined ? [] : ["start"]), ...(stop === undefined ? [] : ["stop"])];
  const placed = (name: string) => from + names.indexOf(name);
  const begin: OpenWorkload["start"] = (activity, values, done) => {
    if (!feeds.begin(activity, values)) return;
    if (start === undefined) done();
    else runner.run({ place: placed("start"), body: start, keeps: true }, activity, values, done);
  };
  const end: OpenWorkload["stop"] = (activity, values, done) =>
    runner.run({ place: placed("stop"), body: stop! }, activity, values, done);
  return {
    names,
    acts: { ...(start === undefined && !draws ? {} : { start: begin }), ...(stop === undefined ? {} : { stop: end }) },
  };
}

interface RunnerSetup {
  readonly name: string;
  readonly feeds: Feeds;
  /** Names of its data. */
  readonly rows: readonly string[];
  readonly drive: "users" | "arrivals";
  log(text: string): void;
}

/** Which task: the position of its metrics, two for each. `keeps`: what it leaves in `vars` stays in arrivals drive too. */
interface Job {
  readonly place: number;
  readonly body: Body;
  readonly keeps?: boolean;
}

/** Runs tasks of code; what they throw is counted and told. */
class Runner {
  private readonly setup: RunnerSetup;
  private readonly crew: Crew;
  /** By the places of tasks that have tags of their own. */
  private readonly crews: readonly Crew[];
  private readonly told = new Set<string>();
  /** Of promises that nobody waited for; the next task that ends tells them. */
  private strays: unknown[] = [];
  private lines = 0;

  constructor(setup: RunnerSetup, crew: Omit<Crew, "log">, tags: readonly (readonly string[])[]) {
    this.setup = setup;
    this.crew = { ...crew, log: (user, values) => this.log(user, values) };
    this.crews = tags.map((own) => ({ ...this.crew, tags: own }));
    process.on("unhandledRejection", this.stray);
  }

  run({ place, body, keeps = false }: Job, activity: Activity, values: StepValues, done: (hand: Hand) => void): void {
    const { feeds } = this.setup;
    feeds.recall(activity.user, values);
    const vars = this.varsOf(activity, keeps);
    const hand = new Hand(this.crews[place] ?? this.crew, activity, values, {
      vars,
      data: rowsIn(values, this.setup.rows),
    });
    const began = activity.now();
    const end = (error: unknown, broke: boolean): void => {
      hand.settle();
      if (hand.gone) return;
      const errors = [...(broke ? [error] : []), ...this.strays];
      this.strays = [];
      for (const each of errors) this.tell(each, 2 * place, activity);
      activity.metric(2 * place, activity.now() - began);
      activity.metric(2 * place + 1, errors.length > 0 ? 1 : 0);
      if (hand.waited) done(hand);
      else activity.pause(1, () => done(hand));
    };
    perform(body, hand).then(
      () => end(null, false),
      (error) => end(error, !(error instanceof Left)),
    );
  }

  close(): void {
    process.off("unhandledRejection", this.stray);
  }

  private varsOf({ user }: Activity, keeps: boolean): Record<string, unknown> {
    const known = user.slots.get(this) as Record<string, unknown> | undefined;
    if (known !== undefined && (keeps || this.setup.drive === "users")) return known;
    const vars = { ...known };
    if (known === undefined && (keeps || this.setup.drive === "users")) user.slots.set(this, vars);
    return vars;
  }

  private tell(error: unknown, metric: number, activity: Activity): void {
    const message = `${reasonOf(error)}${placeOf(error)}`;
    activity.broke(metric, message);
    if (this.told.has(message) || this.told.size >= MOST_TOLD) return;
    this.told.add(message);
    this.setup.log(`${this.setup.name} threw ${message}`);
  }

  private log(user: string, values: readonly unknown[]): void {
    this.lines++;
    if (this.lines > MOST_LINES) return;
    const rest = this.lines === MOST_LINES ? " (further lines are left out)" : "";
    this.setup.log(
      `${this.setup.name} ${user}: ${formatWithOptions({ breakLength: Number.POSITIVE_INFINITY }, ...values)}${rest}`,
    );
  }

  /** What is none of the code's own is a fault of ours. */
  private readonly stray = (error: unknown): void => {
    if (error instanceof Left) return;
    if (placeOf(error) === "") throw error;
    this.strays.push(error);
  };
}

const NO_ROWS: WorkloadUser["data"] = {};

const rowsIn = (values: StepValues, names: readonly string[]): WorkloadUser["data"] =>
  names.length === 0
    ? NO_ROWS
    : (Object.fromEntries(names.map((name) => [name, values[name]])) as WorkloadUser["data"]);

async function perform(body: Body, hand: Hand): Promise<void> {
  await body(hand);
}
