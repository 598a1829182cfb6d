/** Closed loop: each user asks, waits for the answer, thinks, and asks again, for as long as the plan has it there. */
import type { Flow, Ms, Share } from "../core/model.ts";
import { drawPause, meanPause } from "../core/pause.ts";
import type { User } from "../core/plugin.ts";
import { type Random, randomStream } from "../core/random.ts";
import { type Presence, peakUsers, presencesOf } from "../core/schedule.ts";
import type { Clock } from "./clock.ts";
import type { Steps } from "./steps.ts";
import type { ValuesOf } from "./values.ts";
import { Timer, type Wheel } from "./wheel.ts";

/** What a flow's users share. */
export interface Crowd {
  readonly flow: Flow;
  readonly flowIndex: number;
  readonly seed: number;
  readonly grace: Ms;
  readonly clock: Clock;
  readonly wheel: Wheel;
  readonly steps: Steps;
  readonly values: ValuesOf;
  /** A session ended: clients let go of what was the user's. */
  release(user: User): void;
  /** All users are gone for good. */
  idle(): void;
}

export interface UserFlow {
  /** Users there now, those that finish their last call too. */
  count(): number;
  /** Lets every user finish its call and leave. */
  stop(): void;
  start(): void;
}

/** A timer may fire half a millisecond early; a user is counted up to its end. */
const NOT_EARLY: Ms = 0.5;

class SimulatedUser implements User {
  readonly index: number;
  readonly id: string;
  readonly random: Random;
  readonly slots = new Map<object, unknown>();
  iteration = 0;
  present = false;
  calling = false;
  /** A call that ends while it is started must not start the next from within. */
  starting = false;
  due: Ms = 0;
  readonly spans: Presence[];
  timer!: Timer;

  constructor(index: number, random: Random, spans: Presence[]) {
    this.index = index;
    this.id = `user-${index}`;
    this.random = random;
    this.spans = spans;
  }
}

/** Users are due at a tick of the wheel, or each would seem late by the time to the next. */
const whole = (at: Ms): Ms => Math.ceil(at);

export function startUsers(crowd: Crowd, share: Share): UserFlow {
  const { clock, wheel, steps, flow } = crowd;
  const without = meanPause(flow.think) === 0;
  let present = 0;
  let left = 0;
  let stopped = false;

  const gone = (): void => {
    left--;
    if (left === 0) crowd.idle();
  };

  const leave = (user: SimulatedUser): void => {
    user.present = false;
    present--;
    crowd.release(user);
    user.spans.shift();
    if (stopped || user.spans.length === 0) gone();
    else wheel.add(user.timer, user.spans[0]!.from);
  };

  const iterate = (user: SimulatedUser): void => {
    const { to } = user.spans[0]!;
    if (stopped || clock.now() >= to - 0.5) {
      leave(user);
      return;
    }
    user.calling = true;
    const values = crowd.values(user, user.iteration++, user.random);
    const op = steps.pick(user.random, user);
    user.starting = true;
    steps.run(op, { user, values, due: user.due, cutAt: to + crowd.grace, done: () => think(user) });
    user.starting = false;
  };

  const think = (user: SimulatedUser): void => {
    user.calling = false;
    const { to } = user.spans[0]!;
    user.due = whole(clock.now() + drawPause(flow.think, user.random));
    if (stopped || clock.now() >= to) leave(user);
    else if (without && !user.starting) iterate(user);
    else wheel.add(user.timer, Math.min(user.due, to + NOT_EARLY));
  };

  const wake = (user: SimulatedUser): void => {
    if (!user.present) {
      user.present = true;
      present++;
      user.due = whole(user.spans[0]!.from);
    }
    iterate(user);
  };

  const users: SimulatedUser[] = [];
  for (let k = share.index; k < peakUsers(flow.segments); k += share.of) {
    const user = new SimulatedUser(
      k,
      randomStream(crowd.seed, 0x05, crowd.flowIndex, k),
      presencesOf(flow.segments, k),
    );
    user.timer = new Timer(() => wake(user));
    if (user.spans.length > 0) users.push(user);
  }

  return {
    count: () => present,
    start: () => {
      left = users.length;
      for (const user of users) wheel.add(user.timer, user.spans[0]!.from);
      if (left === 0) crowd.idle();
    },
    stop: () => {
      stopped = true;
      for (const user of users) {
        if (user.calling || user.spans.length === 0) continue;
        wheel.cancel(user.timer);
        if (user.present) leave(user);
        else gone();
      }
    },
  };
}
