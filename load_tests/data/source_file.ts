/** A file that is read piece by piece: once through from the front, then record by record wherever asked. */
import { closeSync, createReadStream, fstatSync, openSync, readFileSync, readSync } from "node:fs";
import type { Problem } from "./data_error.ts";

/** Files up to this size are kept whole, so that no draw waits for a disk. */
const KEPT_WHOLE = 4 * 1024 ** 2;
const PIECE = 1024 ** 2;
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];

export interface SourceFile {
  readonly size: number;
  /** Its pieces with their places, in order; a byte order mark at the front is left out. Throws where it is no UTF-8. */
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
    const utf8 = new TextDecoder("utf-8", { fatal: true });
    const stream = whole === null ? readStream(handle) : [whole];
    let at = 0;
    for await (const bytes of stream) {
      if (!isText(utf8, bytes, at + bytes.length < size))
        throw problem(null, "this is no text in UTF-8: save the file as UTF-8");
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

const readStream = (handle: number): AsyncIterable<Buffer> =>
  createReadStream("", { fd: handle, autoClose: false, start: 0, highWaterMark: PIECE });

function isText(utf8: InstanceType<typeof TextDecoder>, bytes: Uint8Array, more: boolean): boolean {
  try {
    utf8.decode(bytes, { stream: more });
    return true;
  } catch {
    return false;
  }
}
