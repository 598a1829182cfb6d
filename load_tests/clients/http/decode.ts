/** Content codings (RFC 9110 8.4.1) of answers that checks look into. */
import { brotliDecompressSync, constants, gunzipSync, inflateRawSync, inflateSync } from "node:zlib";

/** What a request says that accepts them. */
export const ACCEPTED = "gzip, deflate, br";

/** A small answer may unfold to something huge: beyond this it is not decoded. */
const LARGEST = 16 * 1024 * 1024;
/** What is kept of a body may end in mid-stream. */
const ZLIB = { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: LARGEST };
const BROTLI = { finishFlush: constants.BROTLI_OPERATION_FLUSH, maxOutputLength: LARGEST };

const DECODERS: Readonly<Record<string, (bytes: Buffer) => Buffer>> = {
  gzip: (bytes) => gunzipSync(bytes, ZLIB),
  "x-gzip": (bytes) => gunzipSync(bytes, ZLIB),
  // Some servers send deflate without its wrapper, whose first byte is 0x78 for every usual window.
  deflate: (bytes) => ((bytes[0]! & 0x0f) === 8 ? inflateSync(bytes, ZLIB) : inflateRawSync(bytes, ZLIB)),
  br: (bytes) => brotliDecompressSync(bytes, BROTLI),
};

/** The first `limit` bytes of the content; undefined where they are not what the coding says. */
export function decode(bytes: Buffer, codings: string, limit: number): Buffer | undefined {
  try {
    const steps = codings.split(",").map((coding) => coding.trim().toLowerCase());
    const whole = steps.reverse().reduce((body, coding) => DECODERS[coding]?.(body) ?? body, bytes);
    return whole.subarray(0, limit);
  } catch {
    return undefined;
  }
}
