/** Where one stands in a queue. */
export interface Place<T> {
  readonly value: T;
  before: Place<T> | null;
  after: Place<T> | null;
  stands: boolean;
}

/**
 * First come, first served; anyone may leave. Joining and leaving cost the same however many stand there: a Map or Set
 * that is emptied from its front walks over all that left before.
 */
export class Queue<T> {
  size = 0;
  first: Place<T> | null = null;
  last: Place<T> | null = null;

  join(value: T): Place<T> {
    const place: Place<T> = { value, before: this.last, after: null, stands: true };
    if (this.last === null) this.first = place;
    else this.last.after = place;
    this.last = place;
    this.size++;
    return place;
  }

  /** Who left already may leave again. */
  leave(place: Place<T>): void {
    if (!place.stands) return;
    const { before, after } = place;
    if (before === null) this.first = after;
    else before.after = after;
    if (after === null) this.last = before;
    else after.before = before;
    // One that is long gone would keep all that joined after it from the garbage collector.
    place.before = place.after = null;
    place.stands = false;
    this.size--;
  }
}
