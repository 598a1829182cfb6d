/** Rows of JSON lines, read when they are drawn, and of a JSON list, which is kept whole. */
import type { Rows } from "../core/feed.ts";
import { type Problem, shown } from "./data_error.ts";
import { Offsets } from "./offsets.ts";
import type { SourceFile } from "./source_file.ts";

type Row = Readonly<Record<string, unknown>>;

const LF = 0x0a;
const LARGEST_LIST = 64 * 1024 ** 2;
/** Keys beyond this many are not held against templates. */
const MOST_COLUMNS = 1000;

function rowOf(value: unknown, wrong: (message: string) => Error): Row {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Row;
  throw wrong(`expected a map such as {"id": 1} as each row, found ${shown(JSON.stringify(value) ?? "nothing")}`);
}

function note(columns: Set<string>, row: Row): void {
  if (columns.size < MOST_COLUMNS) for (const key of Object.keys(row)) columns.add(key);
}

function parse(text: string, wrong: (message: string) => Error): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw wrong(`this is not JSON: ${(error as Error).message.split(/, ["']|, \.\.\./)[0]}`);
  }
}

/** Reads the file once through. Throws a DataError at the first line that is no map. */
export async function openJsonLines(source: SourceFile, problem: Problem): Promise<Rows> {
  const starts = new Offsets();
  const columns = new Set<string>();
  let line = 0;
  let lineStart = -1;
  const take = (to: number): void => {
    line++;
    const text = source.text(lineStart, to);
    if (text.trim() === "") return;
    const wrong = (message: string) => problem(line, message);
    note(columns, rowOf(parse(text, wrong), wrong));
    starts.add(lineStart);
  };
  for await (const { bytes, at } of source.pieces()) {
    if (lineStart < 0) lineStart = at;
    for (let end = bytes.indexOf(LF); end >= 0; end = bytes.indexOf(LF, end + 1)) {
      take(at + end);
      lineStart = at + end + 1;
    }
  }
  if (lineStart < source.size) take(source.size);
  if (starts.count === 0) throw problem(null, "expected rows, found none");
  return {
    count: starts.count,
    columns: [...columns],
    row(index) {
      const text = source.text(starts.at(index)!, starts.at(index + 1) ?? source.size);
      return JSON.parse(text.slice(0, endOf(text)));
    },
    close: source.close,
  };
}

/** Blank lines may follow a row; inside of it no line ends. */
const endOf = (text: string): number => (text.includes("\n") ? text.indexOf("\n") : text.length);

/** Reads a JSON list of maps. Throws a DataError where it is none. */
export async function openJsonList(source: SourceFile, problem: Problem): Promise<Rows> {
  if (source.size > LARGEST_LIST)
    throw problem(null, "a JSON list over 64 MB: write it as JSON lines (.jsonl), which are read row by row");
  let text = "";
  const utf8 = new TextDecoder();
  for await (const { bytes } of source.pieces()) text += utf8.decode(bytes, { stream: true });
  const wrong = (message: string) => problem(null, message);
  const list = parse(text, wrong);
  if (!Array.isArray(list) || list.length === 0) throw wrong("expected a list of maps, as in [{ ... }, { ... }]");
  const columns = new Set<string>();
  const rows = list.map((value, i) => rowOf(value, (message) => problem(null, `entry ${i}: ${message}`)));
  for (const row of rows) note(columns, row);
  return { count: rows.length, columns: [...columns], row: (index) => rows[index]!, close: source.close };
}
