/** Failed calls of the second under way, by kind. Memory is bounded, whatever the services say. */
import { ANSWERS_KEPT, type FailureCount } from "../core/snapshot.ts";
import type { Sample } from "./sample.ts";

export type Failed = Pick<Sample, "op" | "phase" | "outcome" | "status" | "message" | "ended" | "excerpt">;

const MOST_KINDS = 100;
const NO_FAILURES: readonly FailureCount[] = [];

/** What an op's calls fail with, however often. */
const kindOf = ({ outcome, status, message }: Pick<Failed, "outcome" | "status" | "message">): string =>
  `${outcome}\u0000${status}\u0000${message}`;

export class Failures {
  private readonly current = new Map<string, FailureCount>();
  /** By op, how many answers were kept of each kind, over the whole run. */
  private readonly kinds = new Map<number, Map<string, number>>();

  add(failed: Failed): void {
    const message = this.boundedMessage(failed);
    const { op, phase, outcome, status, ended } = failed;
    const key = `${op}\u0000${phase}\u0000${kindOf({ outcome, status, message })}`;
    const known = this.current.get(key);
    const failure = known ?? { op, phase, outcome, status, message, count: 0, first: ended, last: ended, answers: [] };
    if (known === undefined) this.current.set(key, failure);
    failure.count++;
    failure.last = ended;
    this.keepAnswer(failed, failure);
  }

  /** Gives those of the second, and begins the next. */
  take(): readonly FailureCount[] {
    if (this.current.size === 0) return NO_FAILURES;
    const taken = [...this.current.values()];
    this.current.clear();
    return taken;
  }

  private keepAnswer(failed: Failed, failure: FailureCount): void {
    const kept = this.kinds.get(failed.op)!;
    const count = kept.get(kindOf(failure)) ?? 0;
    if (count >= ANSWERS_KEPT) return;
    const text = failed.excerpt();
    if (text === "") return;
    kept.set(kindOf(failure), count + 1);
    failure.answers.push(text);
  }

  /** Servers that put a number into each message must not fill the memory: past a bound, messages count as one. */
  private boundedMessage(failed: Failed): string {
    const kinds = this.kinds.get(failed.op) ?? new Map<string, number>();
    this.kinds.set(failed.op, kinds);
    const kind = kindOf(failed);
    if (kinds.has(kind)) return failed.message;
    if (kinds.size >= MOST_KINDS) return "(other messages)";
    kinds.set(kind, 0);
    return failed.message;
  }
}
