/** Logged calls as bytes: written on the load path, read in the main thread. */
import type { LoggedCall } from "../core/logged_call.ts";
import { OUTCOMES } from "../core/model.ts";

const NUMBERS = 8;
const TEXTS = 4;
const HEAD = NUMBERS * 8 + TEXTS * 4 + 1;
/** UTF-16 units that no text is longer than here; each takes three bytes at most. */
const MOST_BYTES_A_UNIT = 3;

const textsOf = ({ status, message, path, body }: LoggedCall): readonly string[] => [status, message, path, body];

/** Writes one call at a place; gives the place after it, or -1 where it may not fit. */
export function writeCall(into: Buffer, at: number, call: LoggedCall): number {
  const texts = textsOf(call);
  const units = texts.reduce((sum, text) => sum + text.length, 0);
  if (at + HEAD + units * MOST_BYTES_A_UNIT > into.length) return -1;
  const { op, phase, user, due, start, end, requestBytes, responseBytes } = call;
  let head = at;
  for (const number of [op, phase, user, due, start, end, requestBytes, responseBytes])
    head = into.writeDoubleLE(number, head);
  let to = at + HEAD;
  for (const text of texts) {
    const bytes = into.write(text, to, "utf8");
    head = into.writeUInt32LE(bytes, head);
    to += bytes;
  }
  into.writeUInt8(OUTCOMES.indexOf(call.outcome), head);
  return to;
}

/** All calls that were written. */
export function readCalls(from: Buffer): LoggedCall[] {
  const calls: LoggedCall[] = [];
  for (let at = 0; at < from.length; ) {
    const number = (i: number) => from.readDoubleLE(at + i * 8);
    const lengths = Array.from({ length: TEXTS }, (_, i) => from.readUInt32LE(at + NUMBERS * 8 + i * 4));
    let to = at + HEAD;
    const texts = lengths.map((length) => {
      to += length;
      return from.toString("utf8", to - length, to);
    });
    calls.push({
      op: number(0),
      phase: number(1),
      user: number(2),
      due: number(3),
      start: number(4),
      end: number(5),
      requestBytes: number(6),
      responseBytes: number(7),
      outcome: OUTCOMES[from.readUInt8(at + HEAD - 1)]!,
      status: texts[0]!,
      message: texts[1]!,
      path: texts[2]!,
      body: texts[3]!,
    });
    at = to;
  }
  return calls;
}
