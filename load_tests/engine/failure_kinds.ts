/** Which kinds of failures are kept apart, and the first answers of each: bounded, whatever services put into their messages. */
import { ANSWERS_KEPT, type FailureCount } from "../core/snapshot.ts";

/** Kinds of one op. */
const MOST_OF_ONE = 100;
/** Kinds that every op has room for, also where others have taken the room of all. */
const FEWEST_OF_ONE = 3;
/** Kinds of all ops together, in all workers of a run. */
export const MOST_KINDS = 2000;
export const OTHER_MESSAGES = "(other messages)";

type Kind = Pick<FailureCount, "op" | "outcome" | "status" | "message">;

/** What an op's calls fail with, however often. */
export const kindOf = ({ outcome, status, message }: Omit<Kind, "op">): string =>
  `${outcome}\u0000${status}\u0000${message}`;

export class FailureKinds {
  /** By op, how many answers were kept of each kind. */
  private readonly byOp = new Map<number, Map<string, number>>();
  private readonly most: number;
  private known = 0;

  /** `workers` share the room of a run. */
  constructor(workers: number) {
    this.most = Math.ceil(MOST_KINDS / workers);
  }

  /** By which message a failure counts: past the bounds, all further ones of an op count as one kind. */
  messageOf(kind: Kind): string {
    const kinds = this.of(kind.op);
    const key = kindOf(kind);
    if (kinds.has(key)) return kind.message;
    if (kinds.size >= (this.known < this.most ? MOST_OF_ONE : FEWEST_OF_ONE)) return OTHER_MESSAGES;
    kinds.set(key, 0);
    this.known++;
    return kind.message;
  }

  /** Adds an answer to the first of its kind; it is asked for only while there are too few. */
  keepAnswer(failure: Kind & Pick<FailureCount, "answers">, failed: { excerpt(): string }): void {
    const kinds = this.of(failure.op);
    const key = kindOf(failure);
    const kept = kinds.get(key) ?? 0;
    if (kept >= ANSWERS_KEPT) return;
    const answer = failed.excerpt();
    if (answer === "") return;
    kinds.set(key, kept + 1);
    failure.answers.push(answer);
  }

  private of(op: number): Map<string, number> {
    const kinds = this.byOp.get(op) ?? new Map<string, number>();
    this.byOp.set(op, kinds);
    return kinds;
  }
}
