/** A run under way, in text: a line for logs, a frame with a bar by phase for terminals. */
import { isEndless } from "../core/endless.ts";
import { terminal } from "../core/escape.ts";
import type { Ms, Phase } from "../core/model.ts";
import { cut, pad, widthOf } from "./columns.ts";
import { count, percent, rate, time } from "./figures.ts";
import { type Look, painted } from "./paint.ts";

/** What is known while the run goes on. Times are milliseconds; percentiles are of the latest second with calls. */
export interface Live {
  /** Name of the phase that runs, or another word: `drain`. */
  readonly phase: string;
  readonly elapsed: Ms;
  readonly duration: Ms;
  readonly users: number;
  /** Requests a second, of late. */
  readonly rps: number;
  readonly p50?: number;
  readonly p95?: number;
  readonly failures: number;
  readonly requests: number;
  readonly phases: readonly Phase[];
}

/** `01:05`, `1:01:05`. */
function clock(ms: Ms): string {
  const seconds = Math.floor(Math.max(0, ms) / 1000);
  const two = (n: number) => String(Math.floor(n)).padStart(2, "0");
  const hours = Math.floor(seconds / 3600);
  return `${hours > 0 ? `${hours}:` : ""}${two((seconds % 3600) / 60)}:${two(seconds % 60)}`;
}

const failed = ({ failures, requests }: Live): string =>
  failures === 0 ? "0" : `${count(failures)} (${percent(failures / Math.max(1, requests))})`;

const place = (live: Live): string =>
  isEndless(live.duration) ? clock(live.elapsed) : `${clock(live.elapsed)} / ${clock(live.duration)}`;

const numbers = (live: Live): string[] => [
  `users ${count(live.users)}`,
  rate(live.rps),
  ...(live.p50 === undefined ? [] : [`p50 ${time(live.p50)}`]),
  `p95 ${time(live.p95)}`,
  `failures ${failed(live)}`,
];

/** One line of plain text: `00:45 / 05:00  spike  users 500  1,234/s  p95 123 ms  failures 12 (0.02 %)`. */
export const progressLine = (live: Live, look: Look): string =>
  cut([place(live), terminal(live.phase), ...numbers(live)].join("  "), look.width);

/** Columns of each phase in a bar of `cells`, in proportion to its time. */
function cellsOf(phases: readonly Phase[], duration: Ms, cells: number): number[] {
  let filled = 0;
  return phases.map(({ start, duration: length }) => {
    const before = filled;
    filled = Math.max(before, Math.round((cells * Math.min(start + length, duration)) / duration));
    return filled - before;
  });
}

function barLines(live: Live, look: Look): string[] {
  const { phases, duration } = live;
  const room = look.width - (phases.length - 1);
  if (duration <= 0 || phases.length === 0 || room < phases.length * 2) return [];
  const cells = cellsOf(phases, duration, room);
  const parts = phases.map((phase, i) => {
    const done = Math.round(cells[i]! * Math.min(1, Math.max(0, (live.elapsed - phase.start) / phase.duration)) || 0);
    const bar = painted("█".repeat(done), "cyan", look) + "░".repeat(cells[i]! - done);
    const name = pad(terminal(phase.name), cells[i]!);
    return { bar, name: phase.name === live.phase ? painted(name, "bold", look) : painted(name, "dim", look) };
  });
  return [parts.map(({ bar }) => bar).join("│"), parts.map(({ name }) => name).join(" ")];
}

/** The first form that fits, so that failures are never cut off: with room between, close together, without the median. */
function statusLine(live: Live, width: number): string {
  const parts = [place(live), terminal(live.phase), ...numbers(live)];
  const fewer = [place(live), terminal(live.phase), ...numbers({ ...live, p50: undefined })];
  const forms = [parts.join("   "), parts.join("  "), fewer.join("  ")];
  return cut(forms.find((form) => widthOf(form) <= width) ?? forms.at(-1)!, width);
}

/** Lines of at most `width` columns, joined by newlines, to be drawn over the frame before. */
export const progressFrame = (live: Live, look: Look): string =>
  [...barLines(live, look), statusLine(live, look.width)].join("\n");
