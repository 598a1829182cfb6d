/** The terminal: a live frame that is redrawn in place in a TTY, plain lines elsewhere. */
import { widthOf } from "./reports/columns.ts";
import { type Live, progressFrame, progressLine } from "./reports/progress.ts";
import type { World } from "./world.ts";

export interface Output {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

export interface Terminal {
  readonly color: boolean;
  readonly width: number;
  /** A line of the log (standard error). */
  log(text: string): void;
  /** What was asked for (standard output). */
  print(text: string): void;
  progress(live: Live): void;
  /** Takes the live frame away. */
  clear(): void;
}

export interface TerminalSetup {
  readonly stdout: Output;
  readonly stderr: Output;
  readonly color: boolean;
  readonly quiet: boolean;
  /** Whether a run under way is shown. */
  readonly progress: boolean;
  /** Whether the terminal can take lines back; one that cannot gets plain lines. */
  readonly redraws: boolean;
}

const PLAIN_EVERY_S = 5;
const DEFAULT_WIDTH = 100;

const uncolored = (text: string): string => text.replace(/\u001b\[\d+m/g, "");

/** Rows that lines take; where the window has become narrower since, terminals have wrapped them. */
const rowsOf = (lines: readonly string[], columns: number): number =>
  lines.reduce((rows, line) => rows + Math.max(1, Math.ceil(widthOf(uncolored(line)) / columns)), 0);

export function makeTerminal({ stdout, stderr, color, quiet, progress, redraws }: TerminalSetup): Terminal {
  const shown = progress && !quiet;
  const live = stderr.isTTY === true && redraws && shown;
  let drawn: string[] = [];
  let lastPlain = 0;
  const clear = (): void => {
    const rows = rowsOf(drawn, stderr.columns ?? DEFAULT_WIDTH);
    if (rows > 0) stderr.write(`\r\u001b[${rows}A\u001b[0J`);
    drawn = [];
  };
  const frame = (state: Live): void => {
    const text = progressFrame(state, { width: (stderr.columns ?? DEFAULT_WIDTH) - 1, color });
    clear();
    stderr.write(`${text}\n`);
    drawn = text.split("\n");
  };
  const plain = (state: Live): void => {
    const second = Math.round(state.elapsed / 1000);
    if (second < lastPlain + PLAIN_EVERY_S && second >= lastPlain) return;
    lastPlain = second;
    stderr.write(`${progressLine(state, { width: 200, color: false })}\n`);
  };
  return {
    color,
    get width() {
      return Math.max(40, stdout.columns ?? stderr.columns ?? DEFAULT_WIDTH);
    },
    log: (text) => {
      clear();
      if (!quiet) stderr.write(`${text}\n`);
    },
    print: (text) => {
      clear();
      stdout.write(`${text}\n`);
    },
    progress: (state) => {
      if (live) frame(state);
      else if (shown) plain(state);
    },
    clear,
  };
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
