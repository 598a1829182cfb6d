/** Open loop: sends each arrival when it is due, whatever became of those before. */
import type { Flow, Ms, Share } from "../core/model.ts";
import type { User } from "../core/plugin.ts";
import { type Random, randomStream } from "../core/random.ts";
import { type Arrival, arrivalsOf } from "../core/schedule.ts";
import type { Clock } from "./clock.ts";
import { IdleNumbers } from "./idle_numbers.ts";
import type { Recorder } from "./recorder.ts";
import type { Steps } from "./steps.ts";
import type { ValuesOf } from "./values.ts";

/** A tick comes each millisecond: sending up to half of one early centres the error (timed from the send then). */
const EARLY: Ms = 0.5;
/** Answers must be read between sends: one pump sends for this long at most. */
const SLICE: Ms = 5;
/** An arrival that could not be sent this long after the plan's end is not sent any more. */
const OVERTIME: Ms = 100;

export interface PacerSetup {
  readonly flow: Flow;
  readonly flowIndex: number;
  readonly seed: number;
  readonly share: Share;
  readonly end: Ms;
  readonly grace: Ms;
  readonly maxInFlight: number;
  readonly clock: Clock;
  readonly steps: Steps;
  readonly recorder: Recorder;
  readonly values: ValuesOf;
}

interface PooledUser extends User {
  random: Random;
}

export interface Pacer {
  /** Sends what is due; to be called each tick, and on answers when it is behind. */
  pump(): void;
  /** What fell due by now and was not sent is unsent; what falls due later is not offered. */
  stop(): void;
  inFlight(): number;
  /** No arrival is left and none is under way. */
  done(): boolean;
}

export function startPacer(setup: PacerSetup): Pacer {
  const { clock, steps, share, seed, flowIndex } = setup;
  const next = arrivalsOf(setup.flow, seed, flowIndex, share);
  const idle = new IdleNumbers();
  const users: PooledUser[] = [];
  let upcoming = next();
  let flying = 0;
  let pumping = false;

  const userOf = (number: number): PooledUser => {
    const index = number * share.of + share.index;
    users[number] ??= { index, id: `user-${index}`, random: randomStream(seed, index), slots: new Map() };
    return users[number];
  };

  const unsent = ({ index, due }: Arrival, cause: "late" | "limit"): void => {
    const op = steps.pick(randomStream(seed, 0x0b, flowIndex, index), null);
    setup.recorder.unsent(op.id, steps.phaseAt(due), due, cause);
  };

  const dispatch = (arrival: Arrival): void => {
    if (flying >= setup.maxInFlight) {
      unsent(arrival, "limit");
      return;
    }
    const { index, due } = arrival;
    const random = randomStream(seed, 0x0b, flowIndex, index);
    const number = idle.take();
    const user = userOf(number);
    user.random = random;
    flying++;
    const op = steps.pick(random, user);
    const values = setup.values(user, index, random);
    const done = () => {
      flying--;
      idle.give(number);
      if (upcoming !== undefined && upcoming.due < clock.now() - 1) pump();
    };
    steps.run(op, { user, values, due, cutAt: setup.end + setup.grace, done });
  };

  const pump = (): void => {
    if (pumping || upcoming === undefined) return;
    pumping = true;
    const began = clock.now();
    let now = began;
    while (upcoming !== undefined && upcoming.due <= now + EARLY && now - began < SLICE) {
      if (now > setup.end && now - upcoming.due > OVERTIME) unsent(upcoming, "late");
      else dispatch(upcoming);
      upcoming = next();
      now = clock.now();
    }
    pumping = false;
  };

  return {
    pump,
    inFlight: () => flying,
    done: () => upcoming === undefined && flying === 0,
    stop: () => {
      const now = clock.now();
      for (; upcoming !== undefined && upcoming.due <= now; upcoming = next()) unsent(upcoming, "late");
      upcoming = undefined;
    },
  };
}
