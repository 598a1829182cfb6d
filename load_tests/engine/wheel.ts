/** Timers on a wheel of 1 ms slots: adding and cancelling cost the same however many there are. */
import type { Ms } from "../core/model.ts";

const SLOTS = 4096;

/**
 * One that waits on a wheel, which keeps it by these fields; it may be added again once it fired or was cancelled. What
 * waits often is its own timer: an object beside it would be a further miss of the cache.
 */
export interface Timer {
  slot: number;
  firesAt: Ms;
  newer: Timer | null;
  older: Timer | null;
  fire(): void;
}

/** Its slot where it waits for nothing. */
export const NOWHERE = -1;

/** A timer for a function. */
export const timerFor = (fire: () => void): Timer => ({ slot: NOWHERE, firesAt: 0, newer: null, older: null, fire });

export class Wheel {
  private readonly heads: (Timer | null)[] = new Array(SLOTS).fill(null);
  private current = 0;
  /** What falls due at `current` and has not fired, the next one last. */
  private due: Timer[] = [];

  /** Fires once `at` is nearest to the tick: at most half a millisecond early. Moves a timer that is already there. */
  add(timer: Timer, at: Ms): void {
    this.cancel(timer);
    const next = this.current + 1;
    timer.firesAt = at > next ? Math.ceil(at) : next;
    timer.slot = timer.firesAt & (SLOTS - 1);
    const head = this.heads[timer.slot]!;
    timer.older = head;
    if (head !== null) head.newer = timer;
    this.heads[timer.slot] = timer;
  }

  cancel(timer: Timer): void {
    if (timer.slot < 0) return;
    if (timer.newer === null) this.heads[timer.slot] = timer.older;
    else timer.newer.older = timer.older;
    if (timer.older !== null) timer.older.newer = timer.newer;
    timer.newer = null;
    timer.older = null;
    timer.slot = NOWHERE;
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
    for (; timer !== null; timer = timer.older!) if (timer.firesAt <= this.current) this.due.push(timer);
  }

  /** A timer that fires may have cancelled or moved others of the same tick. */
  private fireOnce(timer: Timer): void {
    if (timer.slot < 0 || timer.firesAt > this.current) return;
    this.cancel(timer);
    timer.fire();
  }
}
