/** Messages that are compressed, each by itself. */
import { deflateSync, gunzipSync, gzipSync, inflateSync } from "node:zlib";
import type { RawService } from "../schema.ts";
import { type Ending, tooLarge, UNREADABLE } from "../status.ts";

const ZIP = { gzip: gzipSync, deflate: deflateSync } as const;
const UNZIP: Readonly<Record<string, typeof gunzipSync>> = { gzip: gunzipSync, deflate: inflateSync };

export const compressed = (message: Buffer, how: Exclude<RawService["compression"], "identity">): Buffer =>
  ZIP[how](message);

/** The message as it was, or how a call ends whose answer cannot be read. */
export function decompressed(message: Buffer, how: string | undefined, limit: number): Buffer | Ending {
  const unzip = UNZIP[how ?? ""];
  if (unzip === undefined) return { outcome: "invalid", status: "INTERNAL", message: UNREADABLE };
  try {
    return unzip(message, { maxOutputLength: limit });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE")
      return { outcome: "invalid", status: "RESOURCE_EXHAUSTED", message: tooLarge(undefined, limit) };
    return { outcome: "invalid", status: "INTERNAL", message: `Failed to decompress ${how}-encoded message` };
  }
}
