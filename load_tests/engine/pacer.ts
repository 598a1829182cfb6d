/** Open loop: sends each arrival when it is due, whatever became of those before. */
import type { Flow, Ms, Share } from "../core/model.ts";
import { type Random, randomStream } from "../core/random.ts";
import { type Arrival, arrivalsOf } from "../core/schedule.ts";
import type { StepValues } from "../core/workload.ts";
import { type Crew, UserActivity } from "./activity.ts";
import { IdleNumbers } from "./idle_numbers.ts";
import { PooledUser } from "./pooled_user.ts";
import type { ValuesOf } from "./values.ts";

/** A tick comes each millisecond: sending up to half of one early centres the error (timed from the send then). */
const EARLY: Ms = 0.5;
/** Answers must be read between sends: one pump sends for this long at most. */
const SLICE: Ms = 5;
/** So late, an answer lets the next arrival go: one only, or hundreds of answers that wait to be read wait for sends. */
const BEHIND: Ms = 1;
/** An arrival that could not be sent this long after the plan's end is not sent any more. */
const OVERTIME: Ms = 100;

export interface PacerSetup extends Crew {
  readonly flow: Flow;
  readonly seed: number;
  readonly share: Share;
  readonly end: Ms;
  readonly grace: Ms;
  readonly maxInFlight: number;
  readonly values: ValuesOf;
}

/**
 * The arrivals of one share of a flow, and the users that carry them. While arrivals are left, those in flight are users
 * with an activity; after the last of them the sessions of all users are ended, once.
 */
export class Pacer {
  private readonly setup: PacerSetup;
  private readonly arrive: () => Arrival | undefined;
  private readonly idle = new IdleNumbers();
  private readonly users: PooledUser[] = [];
  private upcoming: Arrival | undefined;
  private flying = 0;
  private pumping = false;
  /** Sessions are being ended. */
  private ending = false;
  private stopped = false;
  /** What users do ends by then. */
  private limit: Ms;

  constructor(setup: PacerSetup) {
    this.setup = setup;
    this.arrive = arrivalsOf(setup.flow, setup.seed, setup.flowIndex, setup.share);
    this.upcoming = this.nextArrival();
    this.limit = setup.end + setup.grace;
  }

  /** Sends what is due; to be called each tick. False where some is left: its time for one tick was over. */
  pump(): boolean {
    return this.sendUntil(this.setup.clock.now() + SLICE);
  }

  /** Sends what is due, at least one of it, until an instant. False where that came first. */
  private sendUntil(until: Ms): boolean {
    if (this.pumping || this.upcoming === undefined) return true;
    this.pumping = true;
    const { clock, end } = this.setup;
    let now = clock.now();
    while (this.upcoming !== undefined && this.upcoming.due <= now + EARLY) {
      if (now > end && now - this.upcoming.due > OVERTIME) this.unsent(this.upcoming, "late");
      else this.send(this.upcoming);
      this.upcoming = this.nextArrival();
      now = clock.now();
      if (now >= until) break;
    }
    this.pumping = false;
    if (this.upcoming === undefined) this.endSessions();
    return now < until;
  }

  /** What fell due by now and was not sent is unsent; what falls due later is not offered. */
  stop(until: Ms): void {
    const now = this.setup.clock.now();
    for (; this.upcoming !== undefined && this.upcoming.due <= now; this.upcoming = this.nextArrival())
      this.unsent(this.upcoming, "late");
    this.upcoming = undefined;
    this.stopped = true;
    this.limit = Math.min(this.limit, until);
    for (const { activity } of this.users) {
      if (this.ending) activity?.limit(this.limit);
      else activity?.abandon();
    }
    this.endSessions();
  }

  /** Ends what users do, whatever it waits for; to be called until it is done. */
  giveUp(): void {
    for (const user of this.users) user.activity?.giveUp();
  }

  inFlight(): number {
    return this.flying;
  }

  /** No arrival is left and none is under way. */
  done(): boolean {
    return this.upcoming === undefined && this.flying === 0;
  }

  moveOn(user: PooledUser): void {
    const { arrival } = user;
    user.arrival = null;
    if (this.ending) this.flying--;
    else if (arrival !== null && !this.stopped) this.carry(user, arrival, this.setup.clock.now());
    else this.land(user);
  }

  private nextArrival(): Arrival | undefined {
    const { iterations = Number.POSITIVE_INFINITY } = this.setup.flow;
    const arrival = this.arrive();
    return arrival !== undefined && arrival.index < iterations ? arrival : undefined;
  }

  private send(arrival: Arrival): void {
    if (this.flying >= this.setup.maxInFlight) {
      this.unsent(arrival, "limit");
      return;
    }
    this.flying++;
    const user = this.userOf(this.idle.take());
    if (user.started || this.setup.opened.workload.start === undefined) this.carry(user, arrival, arrival.due);
    else this.open(user, arrival);
  }

  private unsent({ index, due }: Arrival, cause: "late" | "limit"): void {
    const { opened, phaseAt, steps, recorder } = this.setup;
    const random = this.streamOf(index);
    const phase = phaseAt(due);
    const target = opened.workload.first(random, phase);
    if (target !== null) recorder.unsent(steps.find(target, random, null).id, phase, due, cause);
  }

  private userOf(number: number): PooledUser {
    const known = this.users[number];
    if (known !== undefined) return known;
    const { share, seed } = this.setup;
    const index = number * share.of + share.index;
    const user = new PooledUser(this, { index, number, random: randomStream(seed, index) });
    this.users[number] = user;
    return user;
  }

  private streamOf(arrival: number): Random {
    return randomStream(this.setup.seed, 0x0b, this.setup.flowIndex, arrival);
  }

  /** The session of a pooled user begins with the first arrival that it carries. */
  private open(user: PooledUser, arrival: Arrival): void {
    user.started = true;
    user.arrival = arrival;
    const activity = this.activityOf(user, arrival.due);
    this.setup.opened.workload.start!(activity, this.valuesOf(user, 0), () => activity.finish());
  }

  /** `due`: of its first call. */
  private carry(user: PooledUser, { index, due: planned }: Arrival, due: Ms): void {
    const { phaseAt, opened } = this.setup;
    user.random = this.streamOf(index);
    const activity = this.activityOf(user, due);
    opened.workload.iterate(activity, this.valuesOf(user, index), phaseAt(planned), () => activity.finish());
  }

  private land(user: PooledUser): void {
    this.flying--;
    this.idle.give(user.number);
    if (this.upcoming === undefined) this.endSessions();
    else if (this.upcoming.due < this.setup.clock.now() - BEHIND) this.sendUntil(0);
  }

  /** After the last arrival. */
  private endSessions(): void {
    if (this.ending || this.flying > 0) return;
    this.ending = true;
    const { workload } = this.setup.opened;
    if (workload.stop === undefined) return;
    const begun = this.users.filter(({ started }) => started || workload.start === undefined);
    this.flying = begun.length;
    for (const user of begun) {
      const activity = this.activityOf(user, this.setup.clock.now());
      workload.stop(activity, this.valuesOf(user, 0), () => activity.finish());
    }
  }

  private activityOf(user: PooledUser, due: Ms): UserActivity {
    const activity = new UserActivity(this.setup, user, { due, until: this.limit, cutAt: this.limit });
    user.activity = activity;
    return activity;
  }

  private valuesOf(user: PooledUser, iteration: number): StepValues {
    return this.setup.values(user, iteration, user.random) as StepValues;
  }
}
