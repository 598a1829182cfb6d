/** Rows of data files, put into the values of the tasks that use them. */
import { type Drawer, type FeedUse, type Rows, rowOf } from "../core/feed.ts";
import type { Flow } from "../core/model.ts";
import type { User } from "../core/plugin.ts";
import { peakUsers } from "../core/schedule.ts";
import type { Activity, StepValues, WorkloadHost } from "../core/workload.ts";

interface OpenFeed extends FeedUse {
  readonly rows: Rows;
  /** Draws of each user so far: they go on where a user comes again. */
  readonly draws: WeakMap<User, number>;
  /** Key of a session's row in the user's slots. */
  readonly slot: object;
}

/** What of a draw is the same for all users of a flow. */
type Crowd = Pick<Drawer, "flow" | "flows" | "users" | "seed">;

/** The feeds of one workload in one worker. */
export class Feeds {
  private readonly feeds: readonly OpenFeed[];
  private readonly byTask: ReadonlyMap<number, readonly OpenFeed[]>;
  private readonly crowds: ReadonlyMap<number, Crowd>;

  constructor(feeds: readonly OpenFeed[], crowds: ReadonlyMap<number, Crowd>) {
    this.feeds = feeds;
    this.crowds = crowds;
    this.byTask = new Map(
      [...new Set(feeds.flatMap(({ tasks }) => tasks))].map((task) => [
        task,
        feeds.filter((each) => !each.session && each.tasks.includes(task)),
      ]),
    );
  }

  /** Draws the rows that the user keeps for its session. Gives false, and ends the run, where one has no row left. */
  begin(activity: Activity, values: StepValues): boolean {
    const { user } = activity;
    for (const feed of this.feeds) {
      if (!feed.session) continue;
      const row = this.draw(feed, activity, { index: user.index, draw: this.next(feed, user), values });
      if (row === null) return false;
      user.slots.set(feed.slot, row);
    }
    return true;
  }

  /** Puts the session's rows into the values. */
  recall({ slots }: User, values: StepValues): void {
    for (const { session, slot, feed } of this.feeds)
      if (session && slots.has(slot)) values[feed.name] = slots.get(slot);
  }

  /** Puts a row of each feed that the task uses into the values; false as in `begin`. */
  fill(task: number, activity: Activity, values: StepValues): boolean {
    const { user, flow } = activity;
    const arrives = this.crowds.get(flow)!.users === 0;
    for (const feed of this.byTask.get(task) ?? []) {
      const who = arrives ? { index: values.iteration, draw: 0 } : { index: user.index, draw: this.next(feed, user) };
      const row = this.draw(feed, activity, { ...who, values });
      if (row === null) return false;
      values[feed.feed.name] = row;
    }
    return true;
  }

  close(): void {
    for (const { rows } of this.feeds) rows.close();
  }

  private next({ draws }: OpenFeed, user: User): number {
    const draw = draws.get(user) ?? 0;
    draws.set(user, draw + 1);
    return draw;
  }

  private draw(
    { feed, rows }: OpenFeed,
    activity: Activity,
    { index, draw, values }: { index: number; draw: number; values: StepValues },
  ): Readonly<Record<string, unknown>> | null {
    const row = rowOf(feed, { ...this.crowds.get(activity.flow)!, index, draw, random: values.random });
    if (row === null) activity.exhausted(feed.name);
    return row === null ? null : rows.row(row);
  }
}

/** Users of a flow are as many as it ever has; arrivals have none. */
const usersOf = ({ drive, segments }: Flow): number => (drive === "users" ? peakUsers(segments) : 0);

export async function openFeeds(name: string, uses: readonly FeedUse[], host: WorkloadHost): Promise<Feeds> {
  const { flows, seed } = host.scenario;
  const own = [...flows.entries()].filter(([, flow]) => flow.workload === name);
  const most = Math.max(0, ...own.map(([, flow]) => usersOf(flow)));
  const crowds = new Map(
    own.map(([index, { drive }], flow) => [
      index,
      { flow, flows: own.length, users: drive === "users" ? most : 0, seed },
    ]),
  );
  const feeds: OpenFeed[] = [];
  for (const use of uses) feeds.push({ ...use, rows: await host.openFeed!(use.feed), draws: new WeakMap(), slot: {} });
  return new Feeds(feeds, crowds);
}
