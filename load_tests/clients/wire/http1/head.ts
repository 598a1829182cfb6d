/** The head of an answer: its status line and its headers (RFC 9112 4 and 5). */
import type { Ms } from "../../../core/model.ts";
import { type AnswerFields, FieldLines } from "../answer_fields.ts";
import type { AnswerHead } from "../carried.ts";
import { COLON, CR, HTAB, isName, LF, NAME, SP, VALUE } from "./characters.ts";
import type { Input } from "./input.ts";

/** Bytes of the names and values of an answer's headers and trailers, and of any one line. */
export const LARGEST_HEAD = 16 * 1024;
export const NO_LENGTH = -1;
const VERSION = "HTTP/1.";

/** The bytes are no answer; the message is a sentence. */
export class InvalidAnswer extends Error {}

export const unlike = (expected: string, { shown }: Input): InvalidAnswer =>
  new InvalidAnswer(`expected ${expected}, found ${shown}`);

export const tooLarge = (): InvalidAnswer =>
  new InvalidAnswer(`expected at most ${LARGEST_HEAD} bytes of headers, found more`);

/** What it says is decoded where it is asked for, before further bytes are fed. */
export class Head implements AnswerHead {
  code = 0;
  setsCookies = false;
  isEncoded = false;
  /** Of the body, in bytes. */
  length = NO_LENGTH;
  /** A transfer coding is named; the last one is chunked. */
  isCoded = false;
  isChunked = false;
  /** How long the server keeps the connection idle; null where it does not say. */
  idleLimit: Ms | null = null;
  private readonly input: Input;
  private minor = 1;
  private saysClose = false;
  private saysKeepAlive = false;
  /** Bytes of names and values so far. */
  private size = 0;
  /** Where the reason phrase and the headers begin, from `input.start` on. */
  private reason = 0;
  private lines = 0;

  constructor(input: Input) {
    this.input = input;
  }

  begin(): void {
    this.length = NO_LENGTH;
    this.size = 0;
    this.setsCookies = this.isEncoded = this.isCoded = this.isChunked = this.saysClose = this.saysKeepAlive = false;
    this.idleLimit = null;
  }

  /** Whether the server means to keep the connection (RFC 9112 9.3). */
  get keepsConnection(): boolean {
    return !this.saysClose && (this.minor === 1 || this.saysKeepAlive);
  }

  get statusText(): string {
    const { bytes, start } = this.input;
    return bytes.toString("utf8", start + this.reason, start + this.lines - 2);
  }

  fields(): AnswerFields {
    const { bytes, start, at } = this.input;
    return new FieldLines(bytes.toString("latin1", start + this.lines, at - 2));
  }

  /** status-line = HTTP-version SP status-code SP [ reason-phrase ] (RFC 9112 4); false where it is not whole yet. */
  readStatus(): boolean {
    const { input } = this;
    const { bytes, end } = input;
    // Empty lines in front are passed over, as servers do it (2.2).
    while (input.at < end && (bytes[input.at] === CR || bytes[input.at] === LF)) input.at++;
    input.start = input.at;
    let at = input.at;
    for (let i = 0; i < VERSION.length; i++, at++) {
      if (at === end) return false;
      if (bytes[at] !== VERSION.charCodeAt(i)) throw unlike("HTTP/1.0 or HTTP/1.1 and a status", input);
    }
    if (end - at < 6) return false;
    this.minor = bytes[at]! - 0x30;
    this.code = digits(bytes, at + 2, at + 5);
    const next = bytes[at + 5];
    if (this.minor < 0 || this.minor > 1 || bytes[at + 1] !== SP || this.code < 100 || !(next === SP || next === CR))
      throw unlike("HTTP/1.0 or HTTP/1.1 and a status of three digits", input);
    return this.readReason(next === SP ? at + 6 : at + 5);
  }

  /**
   * *( field-line CRLF ) CRLF (RFC 9112 5), of headers or of trailers; false where they are not whole yet. No blank may
   * stand before a colon (5.1), nor at the beginning of a line (5.2). One loop: a call for each line would cost a fifth
   * more.
   */
  readLines(): boolean {
    const { input } = this;
    const { bytes, end } = input;
    for (let line = input.at; ; ) {
      input.at = line;
      let at = line;
      while (at < end && NAME[bytes[at]!] === 1) at++;
      if (at === end) return this.waits(line);
      const name = at - line;
      if (bytes[at] !== COLON || name === 0) {
        if (name > 0 || bytes[at] !== CR) throw unlike("a header: its name, a colon and its value", input);
        if (at + 1 === end) return false;
        if (bytes[at + 1] !== LF) throw unlike("LF behind the CR that ends the headers", input);
        input.at = at + 2;
        return true;
      }
      at++;
      while (at < end && (bytes[at] === SP || bytes[at] === HTAB)) at++;
      const value = at;
      while (at < end && VALUE[bytes[at]!] === 1) at++;
      if (at < end && bytes[at] !== CR) throw unlike("a header of visible characters that ends with CR LF", input);
      if (at + 1 >= end) return this.waits(line);
      if (bytes[at + 1] !== LF) throw unlike("a header that ends with CR LF", input);
      this.size += name + at - value;
      if (this.size >= LARGEST_HEAD) throw tooLarge();
      this.note(line, name, { value, end: at });
      line = at + 2;
    }
  }

  private readReason(reason: number): boolean {
    const { input } = this;
    const { bytes, end, start } = input;
    let at = reason;
    while (at < end && bytes[at] !== CR && bytes[at] !== LF) at++;
    if (at - start > LARGEST_HEAD) throw tooLarge();
    if (at < end && bytes[at] === LF) throw unlike("a status line that ends with CR LF", input);
    if (at + 1 >= end) return false;
    if (bytes[at + 1] !== LF) throw unlike("a status line that ends with CR LF", input);
    this.reason = reason - start;
    this.lines = at + 2 - start;
    input.at = at + 2;
    return true;
  }

  /** A line that is not whole yet may not grow without end. */
  private waits(line: number): false {
    if (this.size + this.input.end - line >= LARGEST_HEAD) throw tooLarge();
    return false;
  }

  /** Reads the few headers that say how long the answer is, what becomes of the connection, and how the answer is coded. */
  private note(line: number, length: number, { value, end }: Span): void {
    const { bytes } = this.input;
    if (length === 10) {
      if (isName(bytes, line, "connection")) this.noteConnection(value, end);
      else if (isName(bytes, line, "set-cookie")) this.setsCookies = true;
      else if (isName(bytes, line, "keep-alive")) this.noteKeepAlive(bytes.toString("latin1", value, end));
    } else if (length === 14) {
      if (isName(bytes, line, "content-length")) this.noteLength(value, end);
    } else if (length === 16) {
      if (isName(bytes, line, "content-encoding")) this.isEncoded = true;
    } else if (length === 17 && isName(bytes, line, "transfer-encoding")) {
      if (this.length !== NO_LENGTH) throw conflicting();
      this.isCoded = true;
      this.isChunked = /(?:^|,)[ \t]*chunked[ \t]*$/i.test(bytes.toString("latin1", value, end));
    }
  }

  /** A list of options (RFC 9112 9.6). */
  private noteConnection(value: number, end: number): void {
    const { bytes } = this.input;
    if (end - value === 10 && isName(bytes, value, "keep-alive")) this.saysKeepAlive = true;
    else
      for (const option of bytes.toString("latin1", value, end).toLowerCase().split(",")) {
        if (option.trim() === "close") this.saysClose = true;
        if (option.trim() === "keep-alive") this.saysKeepAlive = true;
      }
  }

  private noteKeepAlive(text: string): void {
    const seconds = /timeout=(\d+)/i.exec(text)?.[1];
    if (seconds !== undefined) this.idleLimit = Number(seconds) * 1000;
  }

  /** 1*DIGIT, once, and never beside a transfer coding (RFC 9112 6.3, rules 3 and 5). */
  private noteLength(value: number, end: number): void {
    const { bytes } = this.input;
    let last = end;
    while (last > value && (bytes[last - 1] === SP || bytes[last - 1] === HTAB)) last--;
    if (this.length !== NO_LENGTH || this.isCoded) throw conflicting();
    this.length = last - value > MOST_DIGITS ? NO_LENGTH : digits(bytes, value, last);
    if (this.length === NO_LENGTH)
      throw new InvalidAnswer("expected a number of bytes as content-length, found something else");
  }
}

/** Places of a value in the bytes. */
interface Span {
  readonly value: number;
  readonly end: number;
}

/** Of a number that is exact. */
const MOST_DIGITS = 15;

/** A number of digits only; -1 where there is another character, or none. */
function digits(bytes: Buffer, from: number, to: number): number {
  if (from === to) return NO_LENGTH;
  let number = 0;
  for (let i = from; i < to; i++) {
    const digit = bytes[i]! - 0x30;
    if (digit < 0 || digit > 9) return NO_LENGTH;
    number = number * 10 + digit;
  }
  return number;
}

const conflicting = () =>
  new InvalidAnswer("expected the length of the answer once, found it twice (content-length, transfer-encoding)");
