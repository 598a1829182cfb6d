/** The lines of a `timeline.jsonl`, read as a stream in bounded memory. */
import { createReadStream } from "node:fs";
import { promisify } from "node:util";
import { inflateRaw, inflateRawSync, type ZlibOptions } from "node:zlib";
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

/** Lines that are opened while one is used, and how long they are together at most. */
const AHEAD = 4;
const AHEAD_LENGTH = 4 * 1024 * 1024;

/**
 * Lines in their order, null for one that is none of a timeline. Throws a DamagedResult. The next few are inflated
 * meanwhile, by threads that Node has for it.
 */
export async function* linesOf(path: string): AsyncGenerator<Line | null> {
  const inflate = inflater();
  const ahead: { readonly line: Promise<Line | null>; readonly length: number }[] = [];
  let length = 0;
  for await (const text of wholeLines(path)) {
    while (ahead.length >= AHEAD || (ahead.length > 0 && length + text.length > AHEAD_LENGTH)) {
      length -= ahead[0]!.length;
      yield ahead.shift()!.line;
    }
    const line = opened(text, inflate);
    line.catch(() => {}); // told when its turn comes
    ahead.push({ line, length: text.length });
    length += text.length;
  }
  for (const { line } of ahead) yield line;
}

async function opened(text: string, inflate: Inflate): Promise<Line | SecondLine | null> {
  checkSize(text, LINE_LIMITS);
  const line = parseLine(text);
  if (line?.kind !== "second") return line;
  if (typeof line.data !== "string") throw new DamagedResult("it has a second without data");
  return { ...line, kind: "second", bytes: await inflate(line.data) };
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

type Inflate = (data: string) => Uint8Array | Promise<Uint8Array>;

const inflateElsewhere = promisify(inflateRaw) as (data: Uint8Array, options: ZlibOptions) => Promise<Uint8Array>;
/** Handing over less to another thread takes longer than inflating it. */
const WORTH_HANDING_OVER = 16 * 1024;

/** Seconds are about as long as those before them: room for that at once, and for little more, halves the garbage. */
function inflater(): Inflate {
  let room = 4096;
  const known = (bytes: Uint8Array): Uint8Array => {
    if (bytes.length >= room) room = bytes.length + 1024;
    return bytes;
  };
  const refuse = (error: unknown): never => {
    throw unreadable(error);
  };
  return (text) => {
    const data = Buffer.from(text, "base64");
    const options = { maxOutputLength: MAX_SECOND_BYTES, chunkSize: room };
    if (data.length >= WORTH_HANDING_OVER) return inflateElsewhere(data, options).then(known, refuse);
    try {
      return known(inflateRawSync(data, options));
    } catch (error) {
      return refuse(error);
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
