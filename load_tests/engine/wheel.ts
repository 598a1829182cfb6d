/** Timers on a wheel of 1 ms slots: adding and cancelling cost the same however many there are. */
import type { Ms } from "../core/model.ts";

const SLOTS = 4096;

/** What a timer wakes. */
export interface Timed {
  fire(): void;
}

/** One timer; it may be added again once it fired or was cancelled. */
export class Timer {
  slot = -1;
  at: Ms = 0;
  prev: Timer | null = null;
  next: Timer | null = null;
  readonly timed: Timed;

  constructor(timed: Timed) {
    this.timed = timed;
  }
}

export class Wheel {
  private readonly heads: (Timer | null)[] = new Array(SLOTS).fill(null);
  private current = 0;
  /** What falls due at `current` and has not fired, the next one last. */
  private due: Timer[] = [];

  /** Fires once `at` is nearest to the tick: at most half a millisecond early. Moves a timer that is already there. */
  add(timer: Timer, at: Ms): void {
    this.cancel(timer);
    const next = this.current + 1;
    timer.at = at > next ? Math.ceil(at) : next;
    timer.slot = timer.at & (SLOTS - 1);
    const head = this.heads[timer.slot]!;
    timer.next = head;
    if (head !== null) head.prev = timer;
    this.heads[timer.slot] = timer;
  }

  cancel(timer: Timer): void {
    if (timer.slot < 0) return;
    if (timer.prev === null) this.heads[timer.slot] = timer.next;
    else timer.prev.next = timer.next;
    if (timer.next !== null) timer.next.prev = timer.prev;
    timer.prev = null;
    timer.next = null;
    timer.slot = -1;
  }

  /**
   * Fires what fell due up to `now`, in its order, for as long as there is `time`; timers more than a turn away stay in
   * their slot. False where some are left for the next time.
   */
  advance(now: Ms, time: () => boolean = () => true): boolean {
    const until = Math.round(now);
    while (this.due.length > 0 || this.current < until) {
      if (this.due.length === 0) this.turn();
      while (this.due.length > 0) {
        this.fireOnce(this.due.pop()!);
        if (!time()) return false;
      }
    }
    return true;
  }

  private turn(): void {
    this.current++;
    let timer = this.heads[this.current & (SLOTS - 1)]!;
    for (; timer !== null; timer = timer.next!) if (timer.at <= this.current) this.due.push(timer);
  }

  /** A timer that fires may have cancelled or moved others of the same tick. */
  private fireOnce(timer: Timer): void {
    if (timer.slot < 0 || timer.at > this.current) return;
    this.cancel(timer);
    timer.timed.fire();
  }
}
