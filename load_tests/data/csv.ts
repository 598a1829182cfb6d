/**
 * CSV as RFC 4180 has it, with any delimiter, line ends of both kinds and empty lines. One pass checks the file and
 * notes where its rows begin; a row is read when it is drawn, in a few microseconds.
 */
import type { Rows } from "../core/feed.ts";
import { type Problem, shown } from "./data_error.ts";
import { Offsets } from "./offsets.ts";
import type { SourceFile } from "./source_file.ts";

const QUOTE = 0x22;
const LF = 0x0a;
const CR = 0x0d;

/** Where in a field the scan is. */
type At = "start" | "plain" | "quoted" | "after quote";

/** Checks records byte by byte and notes their starts, that of the header first. */
class Scan {
  readonly starts = new Offsets();
  private readonly delimiter: number;
  private readonly problem: Problem;
  private at: At = "start";
  private line = 1;
  private quoteLine = 0;
  private recordStart = -1;
  private recordLine = 1;
  private last = LF;
  private fields = 1;
  private width = 0;

  constructor(delimiter: string, problem: Problem) {
    this.delimiter = delimiter.charCodeAt(0);
    this.problem = problem;
  }

  take(bytes: Uint8Array, at: number): void {
    for (let i = 0; i < bytes.length; i++) {
      const byte = bytes[i]!;
      if (this.recordStart < 0) this.recordStart = at + i;
      if (this.at === "quoted") {
        if (byte === QUOTE) this.at = "after quote";
        else if (byte === LF) this.line++;
      } else if (byte === LF) this.endRecord(at + i);
      else if (byte === this.delimiter) {
        this.fields++;
        this.at = "start";
      } else if (byte === QUOTE) this.quote();
      else if (this.at === "after quote" && byte !== CR) throw this.strayQuote();
      else if (this.at === "start" && byte !== CR) this.at = "plain";
      this.last = byte;
    }
  }

  /** The file ends at `at`. */
  end(at: number): void {
    if (this.at === "quoted")
      throw this.problem(
        this.quoteLine,
        'a quote opens a field here and is never closed: write a " inside a field as ""',
      );
    if (this.recordStart >= 0) this.endRecord(at);
  }

  private quote(): void {
    if (this.at === "plain") throw this.strayQuote();
    if (this.at === "start") this.quoteLine = this.line;
    this.at = "quoted";
  }

  private strayQuote(): Error {
    const message = 'a " stands inside a field: put the whole field in quotes and write "" for each one in it';
    return this.problem(this.line, message);
  }

  private endRecord(at: number): void {
    const length = at - this.recordStart - (this.last === CR ? 1 : 0);
    if (length > 0) this.keepRecord();
    this.line++;
    this.recordLine = this.line;
    this.recordStart = -1;
    this.fields = 1;
    this.at = "start";
  }

  private keepRecord(): void {
    if (this.width === 0) this.width = this.fields;
    if (this.fields !== this.width)
      throw this.problem(
        this.recordLine,
        `expected ${this.width} fields, as many as the header has, found ${this.fields}`,
      );
    this.starts.add(this.recordStart);
  }
}

/** Fields of the record that the text begins with; the scan found it sound. */
export function fieldsOf(text: string, delimiter: string): string[] {
  if (!text.includes('"')) return firstLine(text).split(delimiter);
  const fields: string[] = [];
  for (let at = 0; ; ) {
    const [field, end] = text[at] === '"' ? quotedField(text, at) : plainField(text, at, delimiter);
    fields.push(field);
    if (text[end] !== delimiter) return fields;
    at = end + 1;
  }
}

function firstLine(text: string): string {
  const end = text.indexOf("\n");
  const line = end < 0 ? text : text.slice(0, end);
  return line.endsWith("\r") ? line.slice(0, -1) : line;
}

function quotedField(text: string, start: number): [string, number] {
  let end = start + 1;
  for (;;) {
    end = text.indexOf('"', end);
    if (text[end + 1] !== '"') break;
    end += 2;
  }
  return [text.slice(start + 1, end).replaceAll('""', '"'), end + 1];
}

function plainField(text: string, start: number, delimiter: string): [string, number] {
  let end = start;
  while (end < text.length && text[end] !== delimiter && text[end] !== "\n") end++;
  const crlf = (text[end] === "\n" || end === text.length) && text[end - 1] === "\r" && end > start;
  return [text.slice(start, crlf ? end - 1 : end), end];
}

/** Reads the file once through. Throws a DataError where it is no sound CSV. */
export async function openCsv(source: SourceFile, delimiter: string, problem: Problem): Promise<Rows> {
  const scan = new Scan(delimiter, problem);
  for await (const { bytes, at } of source.pieces()) scan.take(bytes, at);
  scan.end(source.size);
  const { starts } = scan;
  const record = (index: number): string[] =>
    fieldsOf(source.text(starts.at(index)!, starts.at(index + 1) ?? source.size), delimiter);
  if (starts.count === 0) throw problem(null, "the file is empty: expected a header and rows");
  const columns = header(record(0), problem);
  if (starts.count === 1) throw problem(null, "expected rows below the header, found none");
  return {
    count: starts.count - 1,
    columns,
    row(index) {
      const fields = record(index + 1);
      const row: Record<string, string> = {};
      for (let i = 0; i < columns.length; i++) row[columns[i]!] = fields[i]!;
      return row;
    },
    close: source.close,
  };
}

const wanted = (column: string): string =>
  column === "__proto__" ? "a name that templates can read" : "a name of its own for each column";

function header(names: readonly string[], problem: Problem): readonly string[] {
  const [first = ""] = names;
  const other = [";", "\t", "|", ","].find((each) => names.length === 1 && first.includes(each));
  if (other !== undefined)
    throw problem(1, `the header is one column named ${shown(first)}: say \`delimiter: ${JSON.stringify(other)}\``);
  const wrong = names.find((name, i) => name.trim() === "" || name === "__proto__" || names.indexOf(name) !== i);
  if (wrong !== undefined) throw problem(1, `the header has the column ${shown(wrong)}: expected ${wanted(wrong)}`);
  return names;
}
