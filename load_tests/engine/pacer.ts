/** Open loop: sends each arrival when it is due, whatever became of those before. */
import type { Flow, Ms, Share } from "../core/model.ts";
import type { User } from "../core/plugin.ts";
import { type Random, randomStream } from "../core/random.ts";
import { type Arrival, arrivalsOf } from "../core/schedule.ts";
import type { StepValues } from "../core/workload.ts";
import { type Crew, UserActivity } from "./activity.ts";
import { IdleNumbers } from "./idle_numbers.ts";
import type { ValuesOf } from "./values.ts";

/** A tick comes each millisecond: sending up to half of one early centres the error (timed from the send then). */
const EARLY: Ms = 0.5;
/** Answers must be read between sends: one pump sends for this long at most. */
const SLICE: Ms = 5;
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

interface PooledUser extends User {
  readonly number: number;
  /** Of the arrival that it carries. */
  random: Random;
  /** Its session has begun. */
  started: boolean;
  activity: UserActivity | null;
}

export interface Pacer {
  /** Sends what is due; to be called each tick, and on answers when it is behind. */
  pump(): void;
  /** What fell due by now and was not sent is unsent; what falls due later is not offered. */
  stop(until: Ms): void;
  /** Ends what users do, whatever it waits for; to be called until it is done. */
  giveUp(): void;
  inFlight(): number;
  /** No arrival is left and none is under way. */
  done(): boolean;
}

export function startPacer(setup: PacerSetup): Pacer {
  const { clock, steps, share, seed, flowIndex, flow } = setup;
  const { workload } = setup.opened;
  const most = flow.iterations ?? Number.POSITIVE_INFINITY;
  const arrive = arrivalsOf(flow, seed, flowIndex, share);
  const next = (): Arrival | undefined => {
    const arrival = arrive();
    return arrival !== undefined && arrival.index < most ? arrival : undefined;
  };
  const idle = new IdleNumbers();
  const users: PooledUser[] = [];
  let upcoming = next();
  let flying = 0;
  let pumping = false;
  let ending = false;
  let stopped = false;
  let limit = setup.end + setup.grace;

  const userOf = (number: number): PooledUser => {
    const index = number * share.of + share.index;
    users[number] ??= {
      index,
      id: `user-${index}`,
      number,
      random: randomStream(seed, index),
      slots: new Map(),
      started: false,
      activity: null,
    };
    return users[number];
  };

  const streamOf = ({ index }: Arrival): Random => randomStream(seed, 0x0b, flowIndex, index);

  const unsent = (arrival: Arrival, cause: "late" | "limit"): void => {
    const { due } = arrival;
    const random = streamOf(arrival);
    const phase = steps.phaseAt(due);
    const target = workload.first(random, phase);
    if (target !== null) setup.recorder.unsent(steps.find(target, random, null).id, phase, due, cause);
  };

  const activityOf = (user: PooledUser, due: Ms, then: () => void): UserActivity => {
    const activity = new UserActivity(setup, user, { due, until: limit, cutAt: limit }, () => {
      user.activity = null;
      then();
    });
    user.activity = activity;
    return activity;
  };

  const through = (user: PooledUser): void => {
    flying--;
    idle.give(user.number);
    if (upcoming === undefined) endSessions();
    else if (upcoming.due < clock.now() - 1) pump();
  };

  /** The session of a pooled user begins with the first arrival that it carries. */
  const open = (user: PooledUser, due: Ms, then: (due: Ms) => void): void => {
    if (user.started || workload.start === undefined) {
      then(due);
      return;
    }
    user.started = true;
    const activity = activityOf(user, due, () => (stopped ? through(user) : then(clock.now())));
    workload.start(activity, setup.values(user, 0, user.random) as StepValues, () => activity.finish());
  };

  const carry = (user: PooledUser, arrival: Arrival): void => {
    const random = streamOf(arrival);
    open(user, arrival.due, (due) => {
      user.random = random;
      const activity = activityOf(user, due, () => through(user));
      const values = setup.values(user, arrival.index, random) as StepValues;
      workload.iterate(activity, values, steps.phaseAt(arrival.due), () => activity.finish());
    });
  };

  const dispatch = (arrival: Arrival): void => {
    if (flying >= setup.maxInFlight) {
      unsent(arrival, "limit");
      return;
    }
    flying++;
    carry(userOf(idle.take()), arrival);
  };

  /** After the last arrival. */
  const endSessions = (): void => {
    if (ending || flying > 0) return;
    ending = true;
    const { stop } = workload;
    if (stop === undefined) return;
    const open = users.filter(({ started }) => started || workload.start === undefined);
    flying = open.length;
    for (const user of open) {
      const activity = activityOf(user, clock.now(), () => flying--);
      stop(activity, setup.values(user, 0, user.random) as StepValues, () => activity.finish());
    }
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
    if (upcoming === undefined) endSessions();
  };

  return {
    pump,
    giveUp: () => {
      for (const user of users) user.activity?.giveUp();
    },
    inFlight: () => flying,
    done: () => upcoming === undefined && flying === 0,
    stop: (until) => {
      const now = clock.now();
      for (; upcoming !== undefined && upcoming.due <= now; upcoming = next()) unsent(upcoming, "late");
      upcoming = undefined;
      stopped = true;
      limit = Math.min(limit, until);
      for (const user of users) {
        if (ending) user.activity?.limit(limit);
        else user.activity?.abandon();
      }
      endSessions();
    },
  };
}
