/** Logged calls as bytes: written on the load path, read in another thread of the same process. */
import type { LoggedCall } from "../core/logged_call.ts";
import { OUTCOMES } from "../core/model.ts";

/** Numbers of a call, then its outcome and the lengths of its four texts, then these. Each call begins at a multiple of 8. */
const NUMBERS = 8;
const INTEGERS = 6;
const HEAD = NUMBERS * 8 + INTEGERS * 4;
/** No UTF-16 unit takes more bytes. */
const MOST_BYTES_A_UNIT = 3;

const OUTCOME_INDEX = new Map(OUTCOMES.map((outcome, i) => [outcome, i]));

const aligned = (at: number): number => (at + 7) & ~7;

/** A piece of memory for calls, seen in three ways. */
export class Piece {
  readonly memory: ArrayBuffer;
  private readonly bytes: Buffer;
  private readonly numbers: Float64Array;
  private readonly integers: Uint32Array;

  /** Its size is a multiple of 8. */
  constructor(memory: ArrayBuffer) {
    this.memory = memory;
    this.bytes = Buffer.from(memory);
    this.numbers = new Float64Array(memory);
    this.integers = new Uint32Array(memory);
  }

  /** Writes one call at a place; gives the place after it, or -1 where it may not fit. No object is made: it is on the load path. */
  write(at: number, call: LoggedCall): number {
    const { numbers, integers } = this;
    const { status, message, path, body } = call;
    const units = status.length + message.length + path.length + body.length;
    if (at + HEAD + units * MOST_BYTES_A_UNIT > this.memory.byteLength) return -1;
    const n = at / 8;
    numbers[n] = call.op;
    numbers[n + 1] = call.phase;
    numbers[n + 2] = call.user;
    numbers[n + 3] = call.due;
    numbers[n + 4] = call.start;
    numbers[n + 5] = call.end;
    numbers[n + 6] = call.requestBytes;
    numbers[n + 7] = call.responseBytes;
    const i = at / 4 + 2 * NUMBERS;
    integers[i] = OUTCOME_INDEX.get(call.outcome)!;
    let to = at + HEAD;
    to += integers[i + 1] = this.text(status, to);
    to += integers[i + 2] = this.text(message, to);
    to += integers[i + 3] = this.text(path, to);
    to += integers[i + 4] = this.text(body, to);
    return aligned(to);
  }

  /** All calls that were written before a place. */
  read(end: number): LoggedCall[] {
    const { numbers, integers, bytes } = this;
    const calls: LoggedCall[] = [];
    for (let at = 0; at < end; ) {
      const n = at / 8;
      const i = at / 4 + 2 * NUMBERS;
      let to = at + HEAD;
      const text = (place: number): string => {
        const length = integers[i + place]!;
        to += length;
        return length === 0 ? "" : bytes.toString("utf8", to - length, to);
      };
      calls.push({
        op: numbers[n]!,
        phase: numbers[n + 1]!,
        user: numbers[n + 2]!,
        due: numbers[n + 3]!,
        start: numbers[n + 4]!,
        end: numbers[n + 5]!,
        requestBytes: numbers[n + 6]!,
        responseBytes: numbers[n + 7]!,
        outcome: OUTCOMES[integers[i]!]!,
        status: text(1),
        message: text(2),
        path: text(3),
        body: text(4),
      });
      at = aligned(to);
    }
    return calls;
  }

  private text(text: string, at: number): number {
    return text === "" ? 0 : this.bytes.write(text, at, "utf8");
  }
}
