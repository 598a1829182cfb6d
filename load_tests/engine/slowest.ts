/** The slowest calls of the second under way, slowest first. */
import type { Ms } from "../core/model.ts";
import type { SlowCall } from "../core/snapshot.ts";
import type { Sample } from "./sample.ts";

const KEPT = 5;

export class Slowest {
  private calls: SlowCall[] = [];
  /** A call must take longer than this to be among them. */
  private bar: Ms = Number.NEGATIVE_INFINITY;

  note(sample: Sample, latency: Ms): void {
    if (latency > this.bar) this.insert(sample, latency);
  }

  /** Gives those of the second, and begins the next. */
  take(): SlowCall[] {
    const taken = this.calls;
    this.calls = [];
    this.bar = Number.NEGATIVE_INFINITY;
    return taken;
  }

  private insert({ op, phase, ended, outcome, status }: Sample, latency: Ms): void {
    const { calls } = this;
    let at = calls.length;
    while (at > 0 && calls[at - 1]!.latency < latency) at--;
    calls.splice(at, 0, { op, phase, at: ended, latency, outcome, status });
    if (calls.length > KEPT) calls.pop();
    if (calls.length === KEPT) this.bar = calls[KEPT - 1]!.latency;
  }
}
