/** Logged calls as bytes: written on the load path, read in another thread of the same process. */
import type { LoggedCall, TappedCall } from "../core/logged_call.ts";
import { OUTCOMES, type Outcome } from "../core/model.ts";

/** Numbers of a call, then its outcome and the lengths of its four texts, then these. Each call begins at a multiple of 8. */
const NUMBERS = 8;
const INTEGERS = 6;
const TEXTS = 4;
const HEAD = NUMBERS * 8 + INTEGERS * 4;
/** No UTF-16 unit takes more bytes. */
const MOST_BYTES_A_UNIT = 3;
/** Texts up to here are written unit by unit: of such a length Buffer.write takes twice the time. */
const SHORT = 64;
const NOT_ASCII = 0x80;

const OUTCOME_INDEX = new Map(OUTCOMES.map((outcome, i) => [outcome, i]));

const aligned = (at: number): number => (at + 7) & ~7;

/** A piece of memory for calls, seen in three ways. */
export class Piece {
  readonly memory: ArrayBuffer;
  readonly bytes: Buffer;
  readonly numbers: Float64Array;
  readonly integers: Uint32Array;

  /** Its size is a multiple of 8. */
  constructor(memory: ArrayBuffer) {
    this.memory = memory;
    this.bytes = Buffer.from(memory);
    this.numbers = new Float64Array(memory);
    this.integers = new Uint32Array(memory);
  }

  /** Writes one call at a place; gives the place after it, or -1 where it may not fit. No object is made: it is on the load path. */
  write(at: number, call: TappedCall): number {
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

  /** All calls that were written before a place, each as the same object. `ids`: other ids of their ops. */
  *calls(end: number, ids: ReadonlyMap<number, number> = SAME): Generator<LoggedCall> {
    const call = new ReadCall(this, ids);
    for (let at = 0; at < end; at = call.after) {
      call.at = at;
      yield call;
    }
  }

  private text(text: string | Uint8Array, at: number): number {
    const { length } = text;
    if (typeof text !== "string") {
      this.bytes.set(text, at);
      return length;
    }
    if (length > SHORT) return this.bytes.write(text, at, "utf8");
    const { bytes } = this;
    for (let i = 0; i < length; i++) {
      const unit = text.charCodeAt(i);
      if (unit >= NOT_ASCII) return bytes.write(text, at, "utf8");
      bytes[at + i] = unit;
    }
    return length;
  }
}

const SAME: ReadonlyMap<number, number> = new Map();

/** A text of the calls of an op, where it was met last. */
interface Decoded {
  at: number;
  length: number;
  text: string;
}

/** The call at a place of a piece. Its texts are decoded where they are asked for. */
class ReadCall implements LoggedCall {
  at = 0;
  private readonly piece: Piece;
  private readonly ids: ReadonlyMap<number, number>;
  private readonly decoded: Decoded[] = [];

  constructor(piece: Piece, ids: ReadonlyMap<number, number>) {
    this.piece = piece;
    this.ids = ids;
  }

  get op(): number {
    const op = this.number(0);
    return this.ids.get(op) ?? op;
  }

  get phase(): number {
    return this.number(1);
  }

  get user(): number {
    return this.number(2);
  }

  get due(): number {
    return this.number(3);
  }

  get start(): number {
    return this.number(4);
  }

  get end(): number {
    return this.number(5);
  }

  get requestBytes(): number {
    return this.number(6);
  }

  get responseBytes(): number {
    return this.number(7);
  }

  get outcome(): Outcome {
    return OUTCOMES[this.length(0)]!;
  }

  get status(): string {
    return this.text(1);
  }

  get message(): string {
    return this.text(2);
  }

  get path(): string {
    return this.text(3);
  }

  get body(): string {
    return this.text(4);
  }

  /** Where the next call begins. */
  get after(): number {
    return aligned(this.textAt(5));
  }

  private number(place: number): number {
    return this.piece.numbers[this.at / 8 + place]!;
  }

  /** The outcome at 0, then the lengths of the texts. */
  private length(place: number): number {
    return this.piece.integers[this.at / 4 + 2 * NUMBERS + place]!;
  }

  private textAt(place: number): number {
    let at = this.at + HEAD;
    for (let before = 1; before < place; before++) at += this.length(before);
    return at;
  }

  /** Calls of an op resemble each other: a text that is there already is not decoded again. */
  private text(place: number): string {
    const length = this.length(place);
    if (length === 0) return "";
    const { bytes } = this.piece;
    const at = this.textAt(place);
    const last = this.lastOf(place);
    if (last.length !== length || !isSame(bytes, { at, length }, last.at)) {
      last.text = bytes.toString("utf8", at, at + length);
      last.length = length;
    }
    last.at = at;
    return last.text;
  }

  private lastOf(place: number): Decoded {
    const key = this.number(0) * TEXTS + place - 1;
    this.decoded[key] ??= { at: 0, length: 0, text: "" };
    return this.decoded[key];
  }
}

function isSame(bytes: Uint8Array, { at, length }: { at: number; length: number }, other: number): boolean {
  for (let i = 0; i < length; i++) if (bytes[at + i] !== bytes[other + i]) return false;
  return true;
}
