/** The failures of a run with their endpoints and what to do about them, the commonest first. */
import type { RunResult } from "../core/ledger.ts";
import { failedByName } from "./endpoints.ts";
import { type FailureKind, failureKinds, failureText } from "./failures.ts";
import { hintOf } from "./hints.ts";

export interface FoundFailure extends FailureKind {
  readonly endpoint: string;
  /** Status and message in words. */
  readonly what: string;
  readonly hint: string | null;
}

export const foundFailures = (result: RunResult): FoundFailure[] =>
  failedByName(result)
    .flatMap((calls) =>
      failureKinds(calls.failures).map((kind) => ({
        ...kind,
        endpoint: calls.info.name,
        what: failureText(kind),
        hint: hintOf(kind, calls, result),
      })),
    )
    .sort((a, b) => b.count - a.count);
