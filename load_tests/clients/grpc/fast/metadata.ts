/** The metadata of an answer, as checks read it. */
import type { Fields } from "../../http2/fields.ts";

/** What is the protocol's own. */
const HIDDEN = new Set(["grpc-status", "grpc-message", "grpc-encoding", "grpc-accept-encoding"]);

/** Of the first of the blocks that has the name; the bytes of `-bin` as text. */
export function metadataValue(blocks: readonly (Fields | null)[], name: string): string | undefined {
  const key = name.toLowerCase();
  if (key.startsWith(":") || HIDDEN.has(key)) return undefined;
  for (const block of blocks) {
    const values = block?.all(key) ?? [];
    if (values.length > 0) return key.endsWith("-bin") ? bytesOf(values[0]!) : textOf(key, values);
  }
  return undefined;
}

/** A field that comes several times is one list (RFC 9110 5.3), but for cookies: of those it is the first. */
const textOf = (key: string, values: readonly string[]): string =>
  key === "set-cookie" ? values[0]! : values.join(", ");

/** Several values of a name may stand in one field (gRPC over HTTP/2: Custom-Metadata). */
const bytesOf = (text: string): string => Buffer.from(text.split(",")[0]!.trim(), "base64").toString();
