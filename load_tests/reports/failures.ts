/** Failures by what they were: outcome, status and message. */
import type { Outcome } from "../core/model.ts";
import { ANSWERS_KEPT, type FailureCount } from "../core/snapshot.ts";
import { decimals } from "./figures.ts";

export interface FailureType {
  readonly outcome: Outcome;
  readonly status: string;
  readonly message: string;
  readonly count: number;
}

/** Failures of one kind with the times, in milliseconds of the run, of the first and the last. */
export interface FailureKind extends FailureType {
  readonly first: number;
  readonly last: number;
  /** The first answers of this kind. */
  readonly answers: readonly string[];
}

const NOT_FAILED: ReadonlySet<Outcome> = new Set(["ok", "aborted", "unsent"]);

const join = (a: FailureKind, b: FailureKind): FailureKind => ({
  ...a,
  count: a.count + b.count,
  first: Math.min(a.first, b.first),
  last: Math.max(a.last, b.last),
  answers: [...a.answers, ...b.answers].slice(0, ANSWERS_KEPT),
});

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const byWeight = (a: FailureKind, b: FailureKind): number =>
  b.count - a.count || byText(a.outcome, b.outcome) || byText(a.status, b.status) || byText(a.message, b.message);

/** Sums the same failures of several phases; the commonest first. */
export function failureKinds(failures: readonly FailureCount[]): FailureKind[] {
  const kinds = new Map<string, FailureKind>();
  for (const { outcome, status, message, count, first, last, answers } of failures) {
    if (NOT_FAILED.has(outcome)) continue;
    const key = [outcome, status, message].join("\u0000");
    const next = { outcome, status, message, count, first, last, answers };
    const known = kinds.get(key);
    kinds.set(key, known === undefined ? next : join(known, next));
  }
  return [...kinds.values()].sort(byWeight);
}

/** As the JSON report has it: `first_s` and `last_s` are seconds of the run. */
export interface FailureReport extends FailureType {
  readonly first_s: number;
  readonly last_s: number;
  readonly answers: readonly string[];
}

export const failuresByType = (failures: readonly FailureCount[]): FailureReport[] =>
  failureKinds(failures).map(({ first, last, answers, ...kind }) => ({
    ...kind,
    first_s: decimals(first / 1000, 3),
    last_s: decimals(last / 1000, 3),
    answers,
  }));

/** One failure in words: `DEADLINE_EXCEEDED: no answer within 30 s`. */
export const failureText = ({ outcome, status, message }: FailureType): string =>
  [status || outcome, message].filter((part) => part !== "").join(": ");
