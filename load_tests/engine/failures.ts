/** Failed calls of the second under way, by kind. Memory is bounded, whatever the services say. */
import type { FailureCount } from "../core/snapshot.ts";
import { FailureKinds, kindOf } from "./failure_kinds.ts";
import type { Sample } from "./sample.ts";

export type Failed = Pick<Sample, "op" | "phase" | "outcome" | "status" | "message" | "ended" | "excerpt">;

const NO_FAILURES: readonly FailureCount[] = [];

export class Failures {
  private readonly current = new Map<string, FailureCount>();
  private readonly kinds: FailureKinds;

  /** `workers` share a run. */
  constructor(workers: number) {
    this.kinds = new FailureKinds(workers);
  }

  add(failed: Failed): void {
    const message = this.kinds.messageOf(failed);
    const { op, phase, outcome, status, ended } = failed;
    const key = `${op}\u0000${phase}\u0000${kindOf({ outcome, status, message })}`;
    const known = this.current.get(key);
    const failure = known ?? { op, phase, outcome, status, message, count: 0, first: ended, last: ended, answers: [] };
    if (known === undefined) this.current.set(key, failure);
    failure.count++;
    failure.last = ended;
    this.kinds.keepAnswer(failure, failed);
  }

  /** Gives those of the second, and begins the next. */
  take(): readonly FailureCount[] {
    if (this.current.size === 0) return NO_FAILURES;
    const taken = [...this.current.values()];
    this.current.clear();
    return taken;
  }
}
