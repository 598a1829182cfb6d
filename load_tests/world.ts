/** Everything of the outside world that the command line needs. */
import type { SignalSource } from "./signals.ts";
import type { Output } from "./terminal.ts";

export interface World {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdout: Output;
  readonly stderr: Output;
  readonly signals: SignalSource;
  /** Ends the process at once. */
  exit(code: number): void;
}

/** Exit codes, the worst first. */
const WORST_FIRST = [1, 105, 104, 99, 98, 97, 0];

/** The worst of several exit codes; 1 of none. */
export const worstOf = (codes: readonly number[]): number => WORST_FIRST.find((code) => codes.includes(code)) ?? 1;

/** Says why nothing is done, and gives the exit code for it. */
export function refuse({ stderr }: World, text: string): number {
  stderr.write(`${text}\n`);
  return 104;
}
