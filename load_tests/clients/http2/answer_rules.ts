/** What an answer is made of, and in which order (RFC 9113 8.1): one that breaks a rule ends its stream alone (8.1.1). */
import { ErrorCode } from "./errors.ts";
import type { Fields } from "./fields.ts";
import { type Stream, StreamError } from "./stream.ts";

/** What a block of fields is to the answer; throws a StreamError. */
export function takeFields(stream: Stream, fields: Fields, end: boolean): "interim" | "head" | "trailers" {
  if (fields.malformed !== null) throw malformed(stream, fields.malformed);
  const { status } = fields;
  if (stream.answered) {
    if (fields.get(":status") !== undefined || !end) throw malformed(stream, "a second head in an answer (8.1)");
    return "trailers";
  }
  // 8.6: an upgrade is not possible.
  if (status === 0 || status === 101)
    throw malformed(stream, `an answer of status ${fields.get(":status") ?? "none"} (8.3.2, 8.6)`);
  if (status < 200) {
    if (end) throw malformed(stream, "an answer that is only interim (8.1)");
    return "interim";
  }
  stream.answered = true;
  const length = fields.get("content-length");
  if (length !== undefined) stream.promised = Number(length);
  return "head";
}

export function takeContent(stream: Stream, bytes: number): void {
  if (!stream.answered) throw malformed(stream, "DATA before HEADERS (8.1)");
  stream.came += bytes;
}

/** At its end: the content is as long as the head said (8.1.1), or there is none, as after a HEAD. */
export function checkLength(stream: Stream): void {
  const { came, promised } = stream;
  if (came > 0 && promised >= 0 && came !== promised)
    throw malformed(stream, `${came} bytes of content where ${promised} were promised (8.1.1)`);
}

const malformed = (stream: Stream, message: string): StreamError =>
  new StreamError(stream, ErrorCode.PROTOCOL_ERROR, message);
