/** A user of an open loop: carries one arrival after the other, whichever comes while it is free. */
import type { Random } from "../core/random.ts";
import type { Arrival } from "../core/schedule.ts";
import type { Owner, UserActivity } from "./activity.ts";

/** Who gives it arrivals. */
interface Giver {
  /** A user's activity is over. */
  moveOn(user: PooledUser): void;
}

export class PooledUser implements Owner {
  readonly index: number;
  readonly id: string;
  readonly slots = new Map<object, unknown>();
  /** Of the arrival that it carries; before the first, its own. */
  random: Random;
  /** Position in the pool. */
  readonly number: number;
  /** Its session has begun. */
  started = false;
  /** What it carries once its session has begun; null while it does. */
  arrival: Arrival | null = null;
  activity: UserActivity | null = null;
  private readonly giver: Giver;

  constructor(giver: Giver, { index, number, random }: { index: number; number: number; random: Random }) {
    this.giver = giver;
    this.index = index;
    this.id = `user-${index}`;
    this.number = number;
    this.random = random;
  }

  through(): void {
    this.activity = null;
    this.giver.moveOn(this);
  }
}
