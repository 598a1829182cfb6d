/** Timers on a wheel of 1 ms slots: adding and cancelling cost the same however many there are. */
import type { Ms } from "../core/model.ts";

const SLOTS = 4096;

/** One timer; it may be added again once it fired or was cancelled. */
export class Timer {
  slot = -1;
  at: Ms = 0;
  prev: Timer | null = null;
  next: Timer | null = null;
  readonly fire: () => void;

  constructor(fire: () => void) {
    this.fire = fire;
  }
}

export class Wheel {
  private readonly heads: (Timer | null)[] = new Array(SLOTS).fill(null);
  private current = 0;

  /** Fires once `at` is nearest to the tick: at most half a millisecond early. Moves a timer that is already there. */
  add(timer: Timer, at: Ms): void {
    this.cancel(timer);
    timer.at = Math.max(Math.ceil(at), this.current + 1);
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

  /** Fires what fell due up to `now`; timers more than a turn away stay in their slot. */
  advance(now: Ms): void {
    const until = Math.round(now);
    while (this.current < until) {
      this.current++;
      let timer = this.heads[this.current & (SLOTS - 1)]!;
      const due: Timer[] = [];
      for (; timer !== null; timer = timer.next!) if (timer.at <= this.current) due.push(timer);
      for (let i = due.length - 1; i >= 0; i--) this.fireOnce(due[i]!);
    }
  }

  /** A timer that fires may have cancelled or moved others of the same tick. */
  private fireOnce(timer: Timer): void {
    if (timer.slot < 0 || timer.at > this.current) return;
    this.cancel(timer);
    timer.fire();
  }
}
