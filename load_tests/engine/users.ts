/** Closed loop: each user asks, waits for the answer, thinks, and asks again, for as long as the plan has it there. */
import type { Flow, Ms, Share } from "../core/model.ts";
import { drawPause, meanPause } from "../core/pause.ts";
import { permuted } from "../core/permutation.ts";
import type { User } from "../core/plugin.ts";
import { type Random, randomStream } from "../core/random.ts";
import { type Presence, peakUsers } from "../core/schedule.ts";
import { partOf } from "../core/share.ts";
import type { StepValues } from "../core/workload.ts";
import { type Crew, NOT_EARLY, UserActivity } from "./activity.ts";
import { Rhythm } from "./rhythm.ts";
import { spansOf } from "./spawn.ts";
import type { ValuesOf } from "./values.ts";
import { Timer } from "./wheel.ts";

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

export interface UserFlow {
  /** Users there now, those that finish their last call too. */
  count(): number;
  /** Lets every user finish its call and leave; what it does then ends at `until`. */
  stop(until: Ms): void;
  /** Ends what users do, whatever it waits for; to be called until all are gone. */
  giveUp(): void;
  start(): void;
}

class SimulatedUser implements User {
  readonly index: number;
  id: string;
  readonly random: Random;
  readonly spans: Presence[];
  /** Sessions before this one. */
  sessions = 0;
  iteration = 0;
  /** Iterations that it has still to do. */
  left: number;
  present = false;
  /** Its session has begun, and is to be ended. */
  started = false;
  /** What ends while it is started must not begin the next from within. */
  starting = false;
  due: Ms = 0;
  activity: UserActivity | null = null;
  /** Leaves whatever comes. */
  leaving = false;
  rhythm: Rhythm | null = null;
  /** For what is drawn beside its choices. */
  aside: Random | null = null;
  timer!: Timer;
  /** None before it is asked for: most users keep nothing. */
  private kept: Map<object, unknown> | null = null;

  constructor(index: number, random: Random, plan: { spans: Presence[]; iterations: number }) {
    this.index = index;
    this.id = `user-${index}`;
    this.random = random;
    this.spans = plan.spans;
    this.left = plan.iterations;
  }

  get slots(): Map<object, unknown> {
    this.kept ??= new Map();
    return this.kept;
  }

  forget(): void {
    this.kept = null;
  }
}

type Activities = "start" | "iterate" | "stop";

/** Users are due at a tick of the wheel, or each would seem late by the time to the next. */
const whole = (at: Ms): Ms => Math.ceil(at);

export function startUsers(crowd: Crowd, share: Share): UserFlow {
  const { clock, wheel, steps, flow, opened, recorder } = crowd;
  const { plan, workload } = opened;
  const think = plan?.think ?? flow.think;
  const pacing = plan?.pacing ?? null;
  const without = pacing === null && meanPause(think) === 0;
  const hasRhythm = plan !== null && (plan.periods !== null || plan.session !== null || pacing !== null);
  let present = 0;
  let left = 0;
  let limit = Number.POSITIVE_INFINITY;
  let stopped = false;

  const gone = (): void => {
    left--;
    if (left === 0) crowd.idle();
  };

  const peak = peakUsers(flow.segments);

  /** Of iterations that go evenly to all hosts: the position in their random order. */
  const turnOf = ({ index, iteration }: SimulatedUser): number | undefined =>
    flow.evenly === true
      ? permuted(index + peak * iteration, flow.iterations!, [crowd.seed, 0x08, crowd.flowIndex])
      : undefined;

  /** Runs one activity of the workload; `then` comes when it is through or given up. */
  const act = (user: SimulatedUser, what: Activities, then: (user: SimulatedUser) => void): void => {
    const { to } = user.spans[0]!;
    const cutAt = to + crowd.grace;
    const until = what === "stop" ? Math.min(cutAt, limit) : to;
    const values = crowd.values(user, user.iteration, user.random) as StepValues;
    const turn = what === "iterate" ? turnOf(user) : undefined;
    const activity = new UserActivity(crowd, user, { due: user.due, until, cutAt, turn }, () => {
      user.activity = null;
      then(user);
    });
    user.activity = activity;
    const done = () => activity.finish();
    user.starting = true;
    if (what === "iterate") workload.iterate(activity, values, steps.phaseAt(user.due), done);
    else workload[what]!(activity, values, done);
    user.starting = false;
  };

  const depart = (user: SimulatedUser): void => {
    user.present = false;
    user.leaving = false;
    present--;
    crowd.release(user);
    user.forget();
    user.spans.shift();
    if (stopped || user.left === 0 || user.spans.length === 0) gone();
    else wheel.add(user.timer, user.spans[0]!.from);
  };

  const end = (user: SimulatedUser, then: (user: SimulatedUser) => void): void => {
    user.due = clock.now();
    if (!user.started || workload.stop === undefined) {
      then(user);
      return;
    }
    user.started = false;
    act(user, "stop", then);
  };

  const leave = (user: SimulatedUser): void => {
    user.leaving = true;
    end(user, depart);
  };

  /** The same place in the plan, another identity. */
  const renew = (user: SimulatedUser): void => {
    crowd.release(user);
    user.forget();
    user.sessions++;
    user.id = `user-${user.index}-${user.sessions}`;
    user.due = clock.now();
    begin(user);
  };

  const begin = (user: SimulatedUser): void => {
    if (hasRhythm) {
      user.rhythm ??= new Rhythm(plan, randomStream(crowd.seed, 0x06, crowd.flowIndex, user.index));
      user.rhythm.begin(user.due);
    }
    user.started = true;
    if (workload.start === undefined) {
      iterate(user);
      return;
    }
    act(user, "start", () => {
      user.due = clock.now();
      iterate(user);
    });
  };

  const iterate = (user: SimulatedUser): void => {
    const { to } = user.spans[0]!;
    const now = clock.now();
    if (stopped || user.left === 0 || now >= to - NOT_EARLY) {
      leave(user);
      return;
    }
    if (user.rhythm?.isOver(now)) {
      end(user, renew);
      return;
    }
    user.left--;
    act(user, "iterate", rest);
    user.iteration++;
  };

  const rest = (user: SimulatedUser): void => {
    const { to } = user.spans[0]!;
    const now = clock.now();
    if (stopped || user.left === 0 || now >= to) {
      leave(user);
      return;
    }
    user.due = pacing === null ? whole(now + drawPause(think, user.random)) : nextInstant(user, pacing);
    if (user.rhythm !== null) user.due = whole(user.rhythm.active(user.due));
    if (without && !user.starting && user.rhythm === null) {
      iterate(user);
      return;
    }
    const wakes = Math.min(user.due, user.rhythm?.ends ?? user.due, to + NOT_EARLY);
    wheel.add(user.timer, wakes);
  };

  const missed = (user: SimulatedUser, due: Ms): void => {
    user.aside ??= randomStream(crowd.seed, 0x07, crowd.flowIndex, user.index);
    const phase = steps.phaseAt(due);
    const target = workload.first(user.aside, phase);
    if (target !== null) recorder.unsent(steps.find(target, user.aside, user).id, phase, due, "limit");
  };

  /** The next instant of the user's grid; those that passed while it was busy were offered and could not be sent. */
  const nextInstant = (user: SimulatedUser, pace: Ms): Ms => {
    const { to } = user.spans[0]!;
    const now = clock.now();
    let due = user.due + pace;
    for (; due < now - NOT_EARLY && due < to; due += pace) {
      if (user.rhythm!.active(due) === due) missed(user, due);
    }
    return due;
  };

  const wake = (user: SimulatedUser): void => {
    if (user.present) {
      iterate(user);
      return;
    }
    user.present = true;
    present++;
    user.due = whole(user.spans[0]!.from);
    begin(user);
  };

  const users: SimulatedUser[] = [];
  for (let k = share.index; k < peak; k += share.of) {
    const random = randomStream(crowd.seed, 0x05, crowd.flowIndex, k);
    const iterations = partOf(flow.iterations ?? Number.POSITIVE_INFINITY, { index: k, of: peak });
    const user = new SimulatedUser(k, random, { spans: spansOf(flow.segments, k), iterations });
    user.timer = new Timer(() => wake(user));
    if (user.spans.length > 0 && iterations > 0) users.push(user);
  }

  return {
    count: () => present,
    start: () => {
      left = users.length;
      for (const user of users) wheel.add(user.timer, user.spans[0]!.from);
      if (left === 0) crowd.idle();
    },
    giveUp: () => {
      for (const user of users) user.activity?.giveUp();
    },
    stop: (until) => {
      stopped = true;
      limit = until;
      for (const user of users) {
        if (user.activity !== null) {
          if (user.leaving) user.activity.limit(until);
          else user.activity.abandon();
        } else if (user.spans.length > 0 && user.left > 0) {
          wheel.cancel(user.timer);
          if (user.present) leave(user);
          else gone();
        }
      }
    },
  };
}
