/** The terminal: a live frame that is redrawn in place in a TTY, plain lines elsewhere. */
import { type Live, progressFrame, progressLine } from "./reports/console.ts";

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
}

const PLAIN_EVERY_S = 5;
const DEFAULT_WIDTH = 100;

export function makeTerminal({ stdout, stderr, color, quiet, progress }: TerminalSetup): Terminal {
  const width = Math.max(40, stdout.columns ?? stderr.columns ?? DEFAULT_WIDTH);
  const shown = progress && !quiet;
  const live = stderr.isTTY === true && shown;
  let drawn = 0;
  let lastPlain = 0;
  const clear = (): void => {
    if (drawn > 0) stderr.write(`\u001b[${drawn}A\u001b[0J`);
    drawn = 0;
  };
  const frame = (state: Live): void => {
    const text = progressFrame(state, { width: (stderr.columns ?? DEFAULT_WIDTH) - 1, color });
    clear();
    stderr.write(`${text}\n`);
    drawn = text.split("\n").length;
  };
  const plain = (state: Live): void => {
    const second = Math.round(state.elapsed / 1000);
    if (second < lastPlain + PLAIN_EVERY_S && second >= lastPlain) return;
    lastPlain = second;
    stderr.write(`${progressLine(state, { width: 200, color: false })}\n`);
  };
  return {
    color,
    width,
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
