/** Closed loop: each user asks, waits for the answer, thinks, and asks again, for as long as the plan has it there. */
import type { Flow, Ms, Pause, Share } from "../core/model.ts";
import { drawPause, meanPause } from "../core/pause.ts";
import { permuted } from "../core/permutation.ts";
import type { User } from "../core/plugin.ts";
import { randomStream } from "../core/random.ts";
import { peakUsers } from "../core/schedule.ts";
import { partOf } from "../core/share.ts";
import type { StepValues } from "../core/workload.ts";
import { type Crew, NOT_EARLY, UserActivity } from "./activity.ts";
import { Rhythm } from "./rhythm.ts";
import { type Next, SimulatedUser } from "./simulated_user.ts";
import { spansOf } from "./spawn.ts";
import type { ValuesOf } from "./values.ts";

/** What a flow's users share. */
export interface Crowd extends Crew {
  readonly flow: Flow;
  readonly seed: number;
  readonly grace: Ms;
  readonly values: ValuesOf;
  /** A session ended: clients let go of what was the user's. */
  release(user: User): void;
  /** All users are gone for good. */
  idle(): void;
}

type Activities = "start" | "iterate" | "stop";

/** Users are due at a tick of the wheel, or each would seem late by the time to the next. */
const whole = (at: Ms): Ms => Math.ceil(at);

/**
 * The users of one share of a flow. A user that is present either has an activity or waits on the wheel; one that is not
 * waits for its next span, until the last is over.
 */
export class Users {
  private readonly crowd: Crowd;
  private readonly peak: number;
  private readonly think: Pause;
  /** Between iterations there is no time at all. */
  private readonly isRestless: boolean;
  private readonly users: readonly SimulatedUser[];
  private present = 0;
  /** Users that are not gone for good. */
  private left: number;
  private stopped = false;
  /** What users do as they leave ends by then. */
  private limit = Number.POSITIVE_INFINITY;

  constructor(crowd: Crowd, share: Share) {
    const { flow, opened } = crowd;
    this.crowd = crowd;
    this.peak = peakUsers(flow.segments);
    this.think = opened.plan?.think ?? flow.think;
    this.isRestless = this.pacing === null && meanPause(this.think) === 0;
    this.users = this.planned(share);
    this.left = this.users.length;
  }

  /** Users there now, those that finish their last call too. */
  count(): number {
    return this.present;
  }

  start(): void {
    for (const user of this.users) this.crowd.wheel.add(user, user.spans[0]!.from);
    if (this.left === 0) this.crowd.idle();
  }

  /** Lets every user finish its call and leave; what it does then ends at `until`. */
  stop(until: Ms): void {
    this.stopped = true;
    this.limit = until;
    for (const user of this.users) {
      if (user.activity !== null) {
        if (user.leaving) user.activity.limit(until);
        else user.activity.abandon();
      } else if (user.spans.length > 0 && user.left > 0) {
        this.crowd.wheel.cancel(user);
        if (user.present) this.leave(user);
        else this.gone();
      }
    }
  }

  /** Ends what users do, whatever it waits for; to be called until all are gone. */
  giveUp(): void {
    for (const user of this.users) user.activity?.giveUp();
  }

  wake(user: SimulatedUser): void {
    if (user.present) this.iterate(user, this.crowd.clock.now());
    else this.arrive(user);
  }

  moveOn(user: SimulatedUser): void {
    this.go(user, user.next);
  }

  private planned(share: Share): SimulatedUser[] {
    const { flow, seed, flowIndex } = this.crowd;
    const users: SimulatedUser[] = [];
    for (let index = share.index; index < this.peak; index += share.of) {
      const spans = spansOf(flow.segments, index);
      const iterations = partOf(flow.iterations ?? Number.POSITIVE_INFINITY, { index, of: this.peak });
      const random = randomStream(seed, 0x05, flowIndex, index);
      if (spans.length > 0 && iterations > 0) users.push(new SimulatedUser(this, index, { random, spans, iterations }));
    }
    return users;
  }

  private get pacing(): Ms | null {
    return this.crowd.opened.plan?.pacing ?? null;
  }

  private go(user: SimulatedUser, next: Next): void {
    if (next === "rest") this.rest(user);
    else if (next === "depart") this.depart(user);
    else if (next === "renew") this.renew(user);
    else {
      user.due = this.crowd.clock.now();
      this.iterate(user, user.due);
    }
  }

  private arrive(user: SimulatedUser): void {
    user.present = true;
    this.present++;
    const { from, to } = user.spans[0]!;
    user.due = whole(from);
    user.until = to;
    this.begin(user);
  }

  private begin(user: SimulatedUser): void {
    const { opened, seed, flowIndex, clock } = this.crowd;
    const { plan } = opened;
    if (plan !== null && (plan.periods !== null || plan.session !== null || plan.pacing !== null)) {
      user.rhythm ??= new Rhythm(plan, randomStream(seed, 0x06, flowIndex, user.index));
      user.rhythm.begin(user.due);
    }
    user.started = true;
    if (opened.workload.start === undefined) this.iterate(user, clock.now());
    else this.act(user, "start", "iterate");
  }

  private iterate(user: SimulatedUser, now: Ms): void {
    if (this.stopped || user.left === 0 || now >= user.until - NOT_EARLY) {
      this.leave(user);
    } else if (user.rhythm?.isOver(now)) {
      this.end(user, "renew");
    } else {
      user.left--;
      this.act(user, "iterate", "rest");
      user.iteration++;
    }
  }

  private rest(user: SimulatedUser): void {
    const now = this.crowd.clock.now();
    if (this.stopped || user.left === 0 || now >= user.until) {
      this.leave(user);
      return;
    }
    if (this.isRestless && user.rhythm === null && !user.starting) {
      user.due = whole(now);
      this.iterate(user, now);
      return;
    }
    const { pacing } = this;
    user.due = pacing === null ? whole(now + drawPause(this.think, user.random)) : this.nextInstant(user, pacing);
    if (user.rhythm !== null) user.due = whole(user.rhythm.active(user.due));
    const wakes = Math.min(user.due, user.rhythm?.ends ?? user.due, user.until + NOT_EARLY);
    this.crowd.wheel.add(user, wakes);
  }

  private leave(user: SimulatedUser): void {
    user.leaving = true;
    this.end(user, "depart");
  }

  private end(user: SimulatedUser, next: Next): void {
    user.due = this.crowd.clock.now();
    if (!user.started || this.crowd.opened.workload.stop === undefined) {
      this.go(user, next);
      return;
    }
    user.started = false;
    this.act(user, "stop", next);
  }

  private depart(user: SimulatedUser): void {
    const { crowd } = this;
    user.present = false;
    user.leaving = false;
    this.present--;
    crowd.release(user);
    user.forget();
    user.spans.shift();
    if (this.stopped || user.left === 0 || user.spans.length === 0) this.gone();
    else crowd.wheel.add(user, user.spans[0]!.from);
  }

  private gone(): void {
    this.left--;
    if (this.left === 0) this.crowd.idle();
  }

  /** The same place in the plan, another identity. */
  private renew(user: SimulatedUser): void {
    this.crowd.release(user);
    user.forget();
    user.sessions++;
    user.id = `user-${user.index}-${user.sessions}`;
    user.due = this.crowd.clock.now();
    this.begin(user);
  }

  /** Runs one activity of the workload; `next` comes when it is through or given up. */
  private act(user: SimulatedUser, what: Activities, next: Next): void {
    const { crowd } = this;
    const { workload } = crowd.opened;
    const { due, until: to } = user;
    const cutAt = to + crowd.grace;
    const until = what === "stop" ? Math.min(cutAt, this.limit) : to;
    const turn = what === "iterate" ? this.turnOf(user) : undefined;
    const values = crowd.values(user, user.iteration, user.random) as StepValues;
    const activity = new UserActivity(crowd, user, { due, until, cutAt, turn });
    const done = (): void => activity.finish();
    user.activity = activity;
    user.next = next;
    user.starting = true;
    if (what === "iterate") workload.iterate(activity, values, activity.phase, done);
    else workload[what]!(activity, values, done);
    user.starting = false;
  }

  /** Of iterations that go evenly to all hosts: the position in their random order. */
  private turnOf({ index, iteration }: SimulatedUser): number | undefined {
    const { flow, seed, flowIndex } = this.crowd;
    if (flow.evenly !== true) return undefined;
    return permuted(index + this.peak * iteration, flow.iterations!, [seed, 0x08, flowIndex]);
  }

  /** The next instant of the user's grid; those that passed while it was busy were offered and could not be sent. */
  private nextInstant(user: SimulatedUser, pace: Ms): Ms {
    const now = this.crowd.clock.now();
    let due = user.due + pace;
    for (; due < now - NOT_EARLY && due < user.until; due += pace) {
      if (user.rhythm!.active(due) === due) this.missed(user, due);
    }
    return due;
  }

  private missed(user: SimulatedUser, due: Ms): void {
    const { seed, flowIndex, opened, steps, recorder } = this.crowd;
    user.aside ??= randomStream(seed, 0x07, flowIndex, user.index);
    const phase = this.crowd.phaseAt(due);
    const target = opened.workload.first(user.aside, phase);
    if (target !== null) recorder.unsent(steps.find(target, user.aside, user).id, phase, due, "limit");
  }
}
