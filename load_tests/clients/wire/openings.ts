/** How fast a client opens connections. */
import type { Call } from "../../core/plugin.ts";

const A_TURN = 16;

/** A call that waits to open one. */
export interface Waiter {
  readonly call: Call;
  open(): void;
}

/**
 * Opening a connection holds the thread up while the kernel looks for a port. Where many calls fall due at once and each
 * opened one, no answer would be read meanwhile and no connection come back, so the next turn of the event loop would
 * open more still, and so on until files run out. So 16 are opened in a turn; further calls wait for the next
 * millisecond's, if no connection comes back for them before.
 */
export class Openings {
  private left = A_TURN;
  /** The first first. */
  private readonly queue = new Set<Waiter>();
  private newest: Waiter | null = null;
  /** Whose call has the timer of the next turn. */
  private timed: Waiter | null = null;

  /** Whether one may be opened at once, which is then counted. */
  may(): boolean {
    return this.queue.size === 0 && this.mayInThisTurn();
  }

  join(waiter: Waiter): void {
    this.queue.add(waiter);
    this.newest = waiter;
    if (this.timed === null) this.time(waiter);
  }

  leave(waiter: Waiter): void {
    this.queue.delete(waiter);
    if (this.timed === waiter) this.timeNext();
  }

  private mayInThisTurn(): boolean {
    if (this.left === 0) return false;
    if (this.left === A_TURN)
      queueMicrotask(() => {
        this.left = A_TURN;
      });
    this.left--;
    return true;
  }

  private time(waiter: Waiter): void {
    this.timed = waiter;
    waiter.call.at(1, () => {
      if (this.timed === waiter) this.turn();
    });
  }

  /** The last who came is there longest. */
  private timeNext(): void {
    const [first = null] = this.queue;
    this.timed = null;
    const next = this.newest !== null && this.queue.has(this.newest) ? this.newest : first;
    if (next !== null) this.time(next);
  }

  private turn(): void {
    for (const waiter of this.queue) {
      if (!this.mayInThisTurn()) break;
      this.queue.delete(waiter);
      waiter.open();
    }
    this.timeNext();
  }
}
