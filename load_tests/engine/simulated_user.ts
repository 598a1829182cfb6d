/** One user of a closed loop: when the plan has it there, and where it stands. */
import type { Ms } from "../core/model.ts";
import type { Random } from "../core/random.ts";
import type { Presence } from "../core/schedule.ts";
import type { Owner, UserActivity } from "./activity.ts";
import type { Rhythm } from "./rhythm.ts";
import { NOWHERE, type Timer } from "./wheel.ts";

/** What comes when the activity under way is over. */
export type Next = "iterate" | "rest" | "depart" | "renew";

/** Who moves the users. */
interface Mover {
  /** A user's timer fired. */
  wake(user: SimulatedUser): void;
  /** A user's activity is over. */
  moveOn(user: SimulatedUser): void;
}

/** When it is there, and iterations that it has to do. */
interface Plan {
  readonly random: Random;
  readonly spans: Presence[];
  readonly iterations: number;
}

export class SimulatedUser implements Owner, Timer {
  slot = NOWHERE;
  firesAt: Ms = 0;
  newer: Timer | null = null;
  older: Timer | null = null;
  readonly index: number;
  id: string;
  readonly random: Random;
  /** Those that are over are gone. */
  readonly spans: Presence[];
  /** Sessions before this one. */
  sessions = 0;
  iteration = 0;
  /** Iterations that it has still to do. */
  left: number;
  present = false;
  /** When it leaves. */
  until: Ms = 0;
  /** Its session has begun, and is to be ended. */
  started = false;
  /** What ends while it is started must not begin the next from within. */
  starting = false;
  due: Ms = 0;
  activity: UserActivity | null = null;
  next: Next = "rest";
  /** Leaves whatever comes. */
  leaving = false;
  rhythm: Rhythm | null = null;
  /** For what is drawn beside its choices. */
  aside: Random | null = null;
  private readonly mover: Mover;
  /** None before it is asked for: most users keep nothing. */
  private kept: Map<object, unknown> | null = null;

  constructor(mover: Mover, index: number, { random, spans, iterations }: Plan) {
    this.mover = mover;
    this.index = index;
    this.id = `user-${index}`;
    this.random = random;
    this.spans = spans;
    this.left = iterations;
  }

  get slots(): Map<object, unknown> {
    this.kept ??= new Map();
    return this.kept;
  }

  forget(): void {
    this.kept = null;
  }

  fire(): void {
    this.mover.wake(this);
  }

  through(): void {
    this.activity = null;
    this.mover.moveOn(this);
  }
}
