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
  const status = fields.get(":status");
  if (stream.answered) {
    if (status !== undefined || !end) throw new Malformed(stream, "a second head in an answer (8.1)");
    return "trailers";
  }
  // 8.3.2; 8.6: an upgrade is not possible.
  if (status === undefined || !/^[1-9]\d\d$/.test(status) || status === "101")
    throw new Malformed(stream, `an answer of status ${status ?? "none"} (8.3.2, 8.6)`);
  if (status.startsWith("1")) {
    if (end) throw new Malformed(stream, "an answer that is only interim (8.1)");
    return "interim";
  }
  stream.answered = true;
  stream.promised = Number(fields.get("content-length") ?? Number.NaN);
  return "head";
}

export function takeContent(stream: Stream, bytes: number): void {
  if (!stream.answered) throw new Malformed(stream, "DATA before HEADERS (8.1)");
  stream.came += bytes;
}

/** At its end: the content is as long as the head said (8.1.1), or there is none, as after a HEAD. */
export function checkLength(stream: Stream): void {
  const { came, promised } = stream;
  if (came > 0 && !Number.isNaN(promised) && came !== promised)
    throw new Malformed(stream, `${came} bytes of content where ${promised} were promised (8.1.1)`);
}
