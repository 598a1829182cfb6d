/** Everything of the outside world that the command line needs. */
import type { SignalSource } from "./signals.ts";
import { makeTerminal, type Output, type Terminal } from "./terminal.ts";

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

interface Look {
  readonly color: boolean;
  readonly quiet?: boolean;
  readonly onlySummary?: boolean;
  readonly json?: string;
}

/** Values of FORCE_COLOR that forbid colours, as other programs read it. */
const OFF = new Set(["0", "false"]);

/** The terminal as the flags want it; where a report goes to standard output, all that is said goes to standard error. */
export function terminalFor({ stdout, stderr, env }: World, look: Look): Terminal {
  const spoken = look.json === "-" ? stderr : stdout;
  const redraws = env.TERM !== "dumb";
  const wanted = look.color && redraws && (env.NO_COLOR ?? "") === "";
  const forced = env.FORCE_COLOR ?? "";
  const color = wanted && !OFF.has(forced) && (spoken.isTTY === true || forced !== "");
  return makeTerminal({
    stdout: spoken,
    stderr,
    color,
    quiet: look.quiet === true,
    progress: look.onlySummary !== true,
    redraws,
  });
}
