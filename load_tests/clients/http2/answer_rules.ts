/** What an answer is made of, and in which order (RFC 9113 8.1). */
import type { Fields } from "./fields.ts";
import type { Stream } from "./stream.ts";

/** The answer of a stream breaks a rule: its connection goes on (RFC 9113 8.1.1). */
export class Malformed extends Error {
  readonly stream: Stream;

  constructor(stream: Stream, message: string) {
    super(message);
    this.stream = stream;
  }
}

/** What a block of fields is to the answer; throws Malformed. */
export function takeFields(stream: Stream, fields: Fields, end: boolean): "interim" | "head" | "trailers" {
  if (fields.malformed !== null) throw new Malformed(stream, fields.malformed);
  const { status } = fields;
  if (stream.answered) {
    if (fields.get(":status") !== undefined || !end) throw new Malformed(stream, "a second head in an answer (8.1)");
    return "trailers";
  }
  // 8.6: an upgrade is not possible.
  if (status === 0 || status === 101)
    throw new Malformed(stream, `an answer of status ${fields.get(":status") ?? "none"} (8.3.2, 8.6)`);
  if (status < 200) {
    if (end) throw new Malformed(stream, "an answer that is only interim (8.1)");
    return "interim";
  }
  stream.answered = true;
  const length = fields.get("content-length");
  if (length !== undefined) stream.promised = Number(length);
  return "head";
}

export function takeContent(stream: Stream, bytes: number): void {
  if (!stream.answered) throw new Malformed(stream, "DATA before HEADERS (8.1)");
  stream.came += bytes;
}

/** At its end: the content is as long as the head said (8.1.1), or there is none, as after a HEAD. */
export function checkLength(stream: Stream): void {
  const { came, promised } = stream;
  if (came > 0 && promised >= 0 && came !== promised)
    throw new Malformed(stream, `${came} bytes of content where ${promised} were promised (8.1.1)`);
}
