/**
 * The streams that are open, by their numbers. It makes nothing a call: a Map is laid out anew every few calls, and each of
 * its old tables knows the next one, so that once an old table is long-lived, calls that are over live on with it until
 * the next whole collection (28 % of a core's time for unary calls).
 */
import type { Stream } from "./stream.ts";

const FEWEST = 16;

export class OpenStreams {
  size = 0;
  /** Streams of the same place are chained through themselves. */
  private places: (Stream | null)[] = new Array(FEWEST).fill(null);

  get(id: number): Stream | undefined {
    let stream = this.places[this.placeOf(id)]!;
    while (stream !== null && stream.id !== id) stream = stream.next!;
    return stream ?? undefined;
  }

  add(stream: Stream): void {
    if (this.size === this.places.length) this.grow();
    this.put(stream);
    this.size++;
  }

  delete(stream: Stream): void {
    const place = this.placeOf(stream.id);
    let before: Stream | null = null;
    let at = this.places[place]!;
    while (at !== null && at !== stream) {
      before = at;
      at = at.next!;
    }
    if (at === null) return;
    if (before === null) this.places[place] = stream.next;
    else before.next = stream.next;
    stream.next = null;
    this.size--;
  }

  /** Those that are open now, the oldest first. */
  all(): Stream[] {
    const all: Stream[] = [];
    for (const first of this.places) for (let stream = first; stream !== null; stream = stream.next) all.push(stream);
    return all.sort((a, b) => a.id - b.id);
  }

  /** Numbers of streams are odd and follow each other (RFC 9113 5.1.1). */
  private placeOf(id: number): number {
    return (id >>> 1) & (this.places.length - 1);
  }

  private put(stream: Stream): void {
    const place = this.placeOf(stream.id);
    stream.next = this.places[place]!;
    this.places[place] = stream;
  }

  private grow(): void {
    const all = this.all();
    this.places = new Array(2 * this.places.length).fill(null);
    for (const stream of all) this.put(stream);
  }
}
