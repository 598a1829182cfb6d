/** What is wrong with a config, said so that a reader can mend it. */
import { distance } from "fastest-levenshtein";
import { terminal } from "../core/escape.ts";
import { isSecretKey, type Mask } from "../core/mask.ts";

/** A span of the file, or the flag that brought a value. */
export type Place = { readonly offset: number } | { readonly flag: string };

/** A mistake before it is tied to a line. */
export interface Finding {
  readonly place: Place | null;
  readonly message: string;
}

/** A mistake with all that is shown of it. `line` and `column` count from 1 and are absent for flags. */
export interface Problem {
  readonly file: string;
  readonly line?: number;
  readonly column?: number;
  /** The line of the file, secrets masked, and a caret under the column. */
  readonly shown?: string;
  readonly message: string;
}

/** Every mistake of a config at once; nothing was sent. The message is what a person reads. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    super(problems.map(formatProblem).join("\n\n"));
    this.problems = problems;
  }
}

function formatProblem({ file, line, column, shown, message }: Problem): string {
  const where = line === undefined ? file : `${file}:${line}:${column}`;
  return shown === undefined ? `${where}: ${message}` : `${where}: ${message}\n${shown}`;
}

const SHOWN_CHARACTERS = 110;
const PAIR = /(["']?)([\w-]+)\1\s*[:=]\s*("[^"]*"?|'[^']*'?|[^,}\]\s][^,}\]]*)/g;

/** A line with every value under a secret-looking key hidden: also where the YAML could not be read. */
function hidePairs(line: string): string {
  return line.replace(PAIR, (whole: string, _quote: string, key: string, value: string) =>
    isSecretKey(key) && !/^["']?(\$[.{]|\{\{)/.test(value) ? `${whole.slice(0, -value.length)}***` : whole,
  );
}

/** Ties findings to the lines of a file. The same finding is told once. */
export function toProblems(findings: readonly Finding[], file: string, text: string, mask: Mask): Problem[] {
  const problems = findings.map(({ place, message }): Problem => {
    const said = terminal(mask.text(message));
    if (place === null) return { file, message: said };
    if ("flag" in place) return { file: terminal(mask.text(hidePairs(place.flag))), message: said };
    const start = text.lastIndexOf("\n", place.offset - 1) + 1;
    const line = text.slice(0, start).split("\n").length;
    const end = text.indexOf("\n", place.offset);
    const source = text.slice(start, end < 0 ? undefined : end).replace(/\r$/, "");
    return {
      file,
      line,
      column: place.offset - start + 1,
      shown: show(source, place.offset - start, line, mask),
      message: said,
    };
  });
  const told = new Map(problems.map((problem) => [formatProblem(problem), problem]));
  return [...told.values()].sort((a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0));
}

function show(source: string, at: number, line: number, mask: Mask): string {
  const tidy = (part: string) => terminal(mask.text(part).replaceAll("\t", " "));
  const whole = tidy(hidePairs(source));
  const before = tidy(hidePairs(source.slice(0, at))).length;
  const from = Math.max(0, Math.min(before - SHOWN_CHARACTERS / 2, whole.length - SHOWN_CHARACTERS));
  const gutter = `  ${line} | `;
  const cut = whole.slice(from, from + SHOWN_CHARACTERS);
  return `${gutter}${cut}\n${" ".repeat(gutter.length + Math.max(0, before - from))}^`;
}

/** The legal word nearest to what was written, if it may be what was meant. */
export function nearest(word: string, legal: readonly string[]): string | undefined {
  let best: string | undefined;
  let least = Math.max(2, Math.floor(word.length / 2)) + 1;
  for (const each of legal) {
    const away = distance(word.toLowerCase(), each.toLowerCase());
    if (away < least) {
      least = away;
      best = each;
    }
  }
  return best;
}

/** `expected one of a, b, c; did you mean a?` */
export function expectedWord(word: string, legal: readonly string[]): string {
  const near = nearest(word, legal);
  const list =
    legal.length === 0 ? "none is defined" : `expected ${legal.length === 1 ? "" : "one of "}${legal.join(", ")}`;
  return near === undefined ? list : `${list}; did you mean \`${near}\`?`;
}

/** A value as messages show it. */
export function found(value: unknown): string {
  if (value === undefined || value === null) return "nothing";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "a map";
  if (typeof value === "string") return `the text "${terminal(value.length > 60 ? `${value.slice(0, 59)}…` : value)}"`;
  return `${typeof value === "boolean" ? "" : "the number "}${String(value)}`;
}
