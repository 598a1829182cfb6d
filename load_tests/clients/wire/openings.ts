/** How fast a client opens connections. */
import type { Call } from "../../core/plugin.ts";
import { type Place, Queue } from "../../core/queue.ts";

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
  private readonly queue = new Queue<Waiter>();
  /** Whose call has the timer of the next turn. */
  private timed: Place<Waiter> | null = null;

  /** Whether one may be opened at once, which is then counted. */
  may(): boolean {
    return this.queue.first === null && this.mayInThisTurn();
  }

  join(waiter: Waiter): Place<Waiter> {
    const place = this.queue.join(waiter);
    if (this.timed === null) this.timeNext();
    return place;
  }

  leave(place: Place<Waiter>): void {
    this.queue.leave(place);
    if (this.timed === place) this.timeNext();
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

  /** By the call of the last who came, who is there longest. */
  private timeNext(): void {
    const place = this.queue.last;
    this.timed = place;
    place?.value.call.at(1, () => {
      if (this.timed === place) this.turn();
    });
  }

  private turn(): void {
    for (let place = this.queue.first; place !== null; place = this.queue.first) {
      if (!this.mayInThisTurn()) break;
      this.queue.leave(place);
      place.value.open();
    }
    this.timeNext();
  }
}
