/** A file that is read piece by piece: once through from the front, then record by record wherever asked. */
import { isUtf8 } from "node:buffer";
import { closeSync, fstatSync, openSync, readFileSync, read as readFrom, readSync } from "node:fs";
import { promisify } from "node:util";
import type { Problem } from "./data_error.ts";

/** Files up to this size are kept whole, so that no draw waits for a disk. */
const KEPT_WHOLE = 4 * 1024 ** 2;
const PIECE = 1024 ** 2;
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];

export interface SourceFile {
  readonly size: number;
  /**
   * Its pieces with their places, in order; a byte order mark at the front is left out. A piece holds until the next one
   * is asked for. Throws where it is no UTF-8.
   */
  pieces(): AsyncIterable<{ readonly bytes: Uint8Array; readonly at: number }>;
  /** The text between two places. */
  text(from: number, to: number): string;
  close(): void;
}

function opened(file: string, problem: Problem): number {
  try {
    const handle = openSync(file, "r");
    if (fstatSync(handle).isFile()) return handle;
    closeSync(handle);
  } catch (error) {
    throw problem(null, `expected a file that can be read: ${(error as Error).message}`);
  }
  throw problem(null, "expected a file, found something else of that name");
}

export function openSource(file: string, problem: Problem): SourceFile {
  const handle = opened(file, problem);
  const { size } = fstatSync(handle);
  const whole = size <= KEPT_WHOLE ? readFileSync(handle) : null;
  const scratch: { buffer: Buffer } = { buffer: Buffer.allocUnsafe(64 * 1024) };

  const read = (from: number, to: number): string => {
    if (scratch.buffer.length < to - from) scratch.buffer = Buffer.allocUnsafe(2 * (to - from));
    const got = readSync(handle, scratch.buffer, 0, to - from, from);
    return scratch.buffer.toString("utf8", 0, got);
  };

  async function* pieces() {
    const all = whole === null ? wholeCharacters(handle, size) : [whole];
    let at = 0;
    for await (const bytes of all) {
      if (!isUtf8(bytes)) throw problem(null, "this is no text in UTF-8: save the file as UTF-8");
      const skipped = at === 0 && BYTE_ORDER_MARK.every((byte, i) => bytes[i] === byte) ? BYTE_ORDER_MARK.length : 0;
      yield { bytes: bytes.subarray(skipped), at: at + skipped };
      at += bytes.length;
    }
  }

  return {
    size,
    pieces,
    text: (from, to) => (whole === null ? read(from, to) : whole.toString("utf8", from, to)),
    close: () => closeSync(handle),
  };
}

/** The file in pieces that part no character, all in one buffer: a stream's would be garbage by the hundred megabytes. */
async function* wholeCharacters(handle: number, size: number): AsyncIterable<Buffer> {
  const buffer = Buffer.allocUnsafe(Math.min(PIECE, size));
  const fill = promisify(readFrom);
  for (let at = 0; at < size; ) {
    const { bytesRead } = await fill(handle, buffer, 0, buffer.length, at);
    if (bytesRead === 0) return;
    const length = at + bytesRead < size ? bytesRead - partedIn(buffer.subarray(0, bytesRead)) : bytesRead;
    yield buffer.subarray(0, length);
    at += length;
  }
}

/** Bytes at the end that are the beginning of a character, and not all of it. */
function partedIn(bytes: Uint8Array): number {
  for (let back = 1; back <= 3; back++) {
    const byte = bytes[bytes.length - back] ?? 0;
    if ((byte & 0b1100_0000) === 0b1000_0000) continue;
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    return length > back ? back : 0;
  }
  return 0;
}
