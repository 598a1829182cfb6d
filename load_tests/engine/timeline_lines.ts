/** The lines of a `timeline.jsonl`, read as a stream in bounded memory. */
import { createReadStream } from "node:fs";
import { inflateRawSync } from "node:zlib";
import { checkSize, DamagedResult, LINE_LIMITS } from "../core/damaged.ts";

export interface Line {
  readonly kind: unknown;
  readonly header?: unknown;
  readonly notice?: unknown;
  readonly op?: unknown;
}
/** A line of a second, its histograms inflated. */
export interface SecondLine extends Line {
  readonly kind: "second";
  readonly bytes: Uint8Array;
}

export const isSecond = (line: Line): line is SecondLine => line.kind === "second";

export const unreadable = (error: unknown): DamagedResult =>
  new DamagedResult(`it has a second that cannot be read: ${(error as Error).message}`);

/** Lines in their order, null for one that is none of a timeline. Throws a DamagedResult. */
export async function* linesOf(path: string): AsyncGenerator<Line | null> {
  const inflate = inflater();
  for await (const text of wholeLines(path)) yield opened(text, inflate);
}

function opened(text: string, inflate: (data: string) => Uint8Array): Line | SecondLine | null {
  checkSize(text, LINE_LIMITS);
  const line = parseLine(text);
  if (line?.kind !== "second") return line;
  if (typeof line.data !== "string") throw new DamagedResult("it has a second without data");
  return { ...line, kind: "second", bytes: inflate(line.data) };
}

function parseLine(text: string): (Line & { readonly data?: unknown }) | null {
  try {
    const line: unknown = JSON.parse(text);
    return typeof line === "object" && line !== null && "kind" in line ? line : null;
  } catch {
    return null;
  }
}

/** A second's histograms inflate to this at most; more is no timeline of ours. */
const MAX_SECOND_BYTES = 64 * 1024 * 1024;

/** Seconds are about as long as those before them: room for that at once, and for little more, halves the garbage. */
function inflater(): (data: string) => Uint8Array {
  let room = 4096;
  return (data) => {
    try {
      const options = { maxOutputLength: MAX_SECOND_BYTES, chunkSize: room };
      const bytes = inflateRawSync(Buffer.from(data, "base64"), options);
      if (bytes.length >= room) room = bytes.length + 1024;
      return bytes;
    } catch (error) {
      throw unreadable(error);
    }
  };
}

const MAX_LINE = 128 * 1024 * 1024;

/** The lines that end; what comes after the last line's end was cut in the middle. */
async function* wholeLines(path: string): AsyncGenerator<string> {
  let parts: string[] = [];
  let length = 0;
  for await (const chunk of createReadStream(path, { encoding: "utf8", highWaterMark: 1024 * 1024 })) {
    const lines = (chunk as string).split("\n");
    for (const line of lines.slice(0, -1)) {
      yield [...parts, line].join("");
      parts = [];
      length = 0;
    }
    const rest = lines.at(-1)!;
    parts.push(rest);
    length += rest.length;
    if (length > MAX_LINE) throw new DamagedResult("it has a line longer than any that Tenfold writes");
  }
}
