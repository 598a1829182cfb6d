/** Messages of a stream one by one, as a model makes them. */
import type { Ms } from "../core/model.ts";
import type { Behaviour } from "./behaviour.ts";

/** The part of a gRPC server call that is written to. */
export interface Sink<T> {
  readonly cancelled: boolean;
  write(message: T): unknown;
  end(): unknown;
}

/** Further messages follow the first at this part of its latency. */
const GAP_SHARE = 0.25;

/** Sends a message `latency` after it was pushed, and those that wait behind it a quarter of that apart. */
export class PacedStream<T> {
  private readonly queue: T[] = [];
  private busy = false;
  private ended = false;
  private readonly sink: Sink<T>;
  private readonly behaviour: Behaviour;
  private readonly latency: Ms;

  constructor(sink: Sink<T>, behaviour: Behaviour, latency: Ms) {
    this.sink = sink;
    this.behaviour = behaviour;
    this.latency = latency;
  }

  push(messages: readonly T[]): void {
    for (const message of messages) this.queue.push(message);
    if (messages.length > 0) this.wake();
  }

  /** Ends the stream behind what was pushed. */
  end(): void {
    this.ended = true;
    this.wake();
  }

  private wake(): void {
    if (this.busy) return;
    this.busy = true;
    this.behaviour.after(this.latency, this.pump);
  }

  private readonly pump = (): void => {
    if (this.sink.cancelled) return;
    const gap = this.latency * GAP_SHARE;
    do {
      const message = this.queue.shift();
      if (message !== undefined) this.sink.write(message);
    } while (gap <= 0 && this.queue.length > 0);
    this.busy = this.queue.length > 0;
    if (this.busy) this.behaviour.after(gap, this.pump);
    else if (this.ended) this.sink.end();
  };
}
