/** Answers of HTTP/1.1, read in place out of whatever pieces they come in (RFC 9112). */
import type { Ms } from "../../../core/model.ts";
import { type AnswerFields, FieldLines } from "../answer_fields.ts";
import type { AnswerHead } from "../carried.ts";
import { COLON, CR, HEX, HTAB, isName, LF, NAME, SEMICOLON, SP, VALUE } from "./characters.ts";

/** Bytes of the names and values of an answer's headers and trailers, and of any one line. */
export const LARGEST_HEAD = 16 * 1024;
const NO_LENGTH = -1;
const NOTHING = Buffer.alloc(0);
const VERSION = "HTTP/1.";

/** The bytes are no answer; the message is a sentence. */
export class InvalidAnswer extends Error {}

/** What `next` came upon: the head, a piece of the body, the answer's end, or the end of the bytes. */
export type Found = "head" | "body" | "end" | "nothing";

type State = "status" | "headers" | "fixed" | "until close" | "chunk size" | "chunk" | "chunk end" | "trailers" | "end";

/**
 * `begin` for each request, `feed` it what was read, then ask for `next` until it finds nothing or the end. It throws
 * InvalidAnswer, and is of no use after that.
 */
export class AnswerParser implements AnswerHead {
  code = 0;
  setsCookies = false;
  /** The server keeps the connection after this answer (RFC 9112 9.3). */
  persists = false;
  /** How long it says that it keeps it idle; null where it says nothing. */
  idleLimit: Ms | null = null;
  /** The bytes that were read, and where in them the piece of a body lies. */
  bytes: Buffer = NOTHING;
  from = 0;
  to = 0;
  private state: State = "status";
  private at = 0;
  private end = 0;
  /** What came of a head or a line that is not whole yet, and how far it was read. */
  private held: Buffer | null = null;
  private heldAt = 0;
  private isBodiless = false;
  /** Places in `bytes`: the head, its reason phrase and its headers. */
  private start = 0;
  private reason = 0;
  private lines = 0;
  private headSize = 0;
  /** Bytes of the body, or of the chunk, that are to come. */
  private left = 0;
  private length = NO_LENGTH;
  private isCoded = false;
  private isChunked = false;
  private saysClose = false;
  private saysKeepAlive = false;
  private minor = 1;

  begin(method: string): void {
    this.isBodiless = method === "HEAD";
    this.held = null;
    this.beginHead();
  }

  feed(bytes: Buffer, length: number): void {
    const { held } = this;
    this.held = null;
    this.bytes = held === null ? bytes : Buffer.concat([held, bytes.subarray(0, length)]);
    this.at = held === null ? 0 : this.heldAt;
    this.end = held === null ? length : held.length + length;
    if (held !== null && this.state === "headers") this.start = 0;
  }

  next(): Found {
    for (;;) {
      switch (this.state) {
        case "status":
          if (!this.readStatus()) return this.hold(this.start);
          this.state = "headers";
          break;
        case "headers":
          if (!this.readLines()) return this.hold(this.start);
          if (this.isFinal()) return this.beginBody();
          this.beginHead();
          break;
        case "fixed":
        case "chunk":
        case "until close":
          if (this.at === this.end) return "nothing";
          return this.takeBody();
        case "chunk size":
          if (!this.readChunkSize()) return this.hold(this.at);
          break;
        case "chunk end":
          if (!this.readChunkEnd()) return this.hold(this.at);
          break;
        case "trailers":
          if (!this.readLines()) return this.hold(this.at);
          this.state = "end";
          break;
        case "end":
          return "end";
      }
    }
  }

  /** Whether the server's closing ends the answer: its length is nowhere said (RFC 9112 6.3, rule 8). */
  get endsWithConnection(): boolean {
    return this.state === "until close";
  }

  /** Whether more came than the answer: all but empty lines, which say nothing. */
  get hasMore(): boolean {
    for (let i = this.at; i < this.end; i++) if (this.bytes[i] !== CR && this.bytes[i] !== LF) return true;
    return false;
  }

  get statusText(): string {
    return this.bytes.toString("utf8", this.reason, this.lines - 2);
  }

  fields(): AnswerFields {
    return new FieldLines(this.bytes.toString("latin1", this.lines, this.at - 2));
  }

  private beginHead(): void {
    this.state = "status";
    this.start = this.at;
    this.length = NO_LENGTH;
    this.headSize = 0;
    this.setsCookies = this.isCoded = this.isChunked = this.saysClose = this.saysKeepAlive = false;
    this.idleLimit = null;
  }

  /** status-line = HTTP-version SP status-code SP [ reason-phrase ] (RFC 9112 4); false where it is not whole yet. */
  private readStatus(): boolean {
    const { bytes, end } = this;
    while (this.at < end && (bytes[this.at] === CR || bytes[this.at] === LF)) this.at++;
    this.start = this.at;
    let at = this.at;
    for (let i = 0; i < VERSION.length; i++, at++) {
      if (at === end) return false;
      if (bytes[at] !== VERSION.charCodeAt(i)) throw this.unlike("HTTP/1.0 or HTTP/1.1 and a status");
    }
    if (end - at < 6) return false;
    this.minor = bytes[at]! - 0x30;
    this.code = digits(bytes, at + 2, at + 5);
    const last = bytes[at + 5];
    if (
      (this.minor !== 0 && this.minor !== 1) ||
      bytes[at + 1] !== SP ||
      this.code < 100 ||
      !(last === SP || last === CR)
    )
      throw this.unlike("HTTP/1.0 or HTTP/1.1 and a status of three digits");
    return this.readReason(last === SP ? at + 6 : at + 5);
  }

  private readReason(reason: number): boolean {
    const { bytes, end, start } = this;
    let at = reason;
    while (at < end && bytes[at] !== CR && bytes[at] !== LF) at++;
    if (at - start > LARGEST_HEAD) throw tooLarge();
    if (at < end && bytes[at] === LF) throw this.unlike("a status line that ends with CR LF");
    if (at + 1 >= end) return false;
    if (bytes[at + 1] !== LF) throw this.unlike("a status line that ends with CR LF");
    // As a distance, since the head may be moved before it is whole.
    this.reason = reason - start;
    this.lines = at + 2 - start;
    this.at = at + 2;
    return true;
  }

  /**
   * *( field-line CRLF ) CRLF (RFC 9112 5); false where they are not whole yet. No blank may stand before a colon, nor at
   * the beginning of a line (5.1, 5.2). One loop: a call for each line would cost a fifth more.
   */
  private readLines(): boolean {
    const { bytes, end } = this;
    for (let line = this.at; ; ) {
      this.at = line;
      let at = line;
      while (at < end && NAME[bytes[at]!] === 1) at++;
      if (at === end) return this.waits(line);
      const name = at - line;
      if (bytes[at] !== COLON || name === 0) {
        if (name > 0 || bytes[at] !== CR) throw this.unlike("a header: its name, a colon and its value");
        if (at + 1 === end) return false;
        if (bytes[at + 1] !== LF) throw this.unlike("LF behind the CR that ends the headers");
        this.at = at + 2;
        return true;
      }
      at++;
      while (at < end && (bytes[at] === SP || bytes[at] === HTAB)) at++;
      const value = at;
      while (at < end && VALUE[bytes[at]!] === 1) at++;
      if (at < end && bytes[at] !== CR)
        throw this.unlike("a header's value of visible characters that ends with CR LF");
      if (at + 1 >= end) return this.waits(line);
      if (bytes[at + 1] !== LF) throw this.unlike("a header's value that ends with CR LF");
      this.headSize += name + at - value;
      if (this.headSize >= LARGEST_HEAD) throw tooLarge();
      this.note(line, name, { value, end: at });
      line = at + 2;
    }
  }

  /** A line that is not whole yet may not grow without end. */
  private waits(line: number): false {
    if (this.headSize + this.end - line >= LARGEST_HEAD) throw tooLarge();
    return false;
  }

  /** Reads the few headers that say how long the answer is and what becomes of the connection. */
  private note(line: number, length: number, { value, end }: Span): void {
    const { bytes } = this;
    if (length === 10) {
      if (isName(bytes, line, "connection")) this.noteConnection(value, end);
      else if (isName(bytes, line, "set-cookie")) this.setsCookies = true;
      else if (isName(bytes, line, "keep-alive")) this.noteKeepAlive(bytes.toString("latin1", value, end));
    } else if (length === 14) {
      if (isName(bytes, line, "content-length")) this.noteLength(value, end);
    } else if (length === 17 && isName(bytes, line, "transfer-encoding")) {
      if (this.length !== NO_LENGTH) throw conflicting();
      this.isCoded = true;
      this.isChunked = /(?:^|,)[ \t]*chunked[ \t]*$/i.test(bytes.toString("latin1", value, end));
    }
  }

  /** A list of options (RFC 9112 9.6). */
  private noteConnection(value: number, end: number): void {
    if (end - value === 10 && isName(this.bytes, value, "keep-alive")) this.saysKeepAlive = true;
    else
      for (const option of this.bytes.toString("latin1", value, end).toLowerCase().split(",")) {
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
    const { bytes } = this;
    let last = end;
    while (last > value && (bytes[last - 1] === SP || bytes[last - 1] === HTAB)) last--;
    if (this.length !== NO_LENGTH || this.isCoded) throw conflicting();
    this.length = last - value > 15 ? NO_LENGTH : digits(bytes, value, last);
    if (this.length === NO_LENGTH)
      throw new InvalidAnswer(`expected a number as content-length, found ${shown(bytes, value, end)}`);
  }

  /** 1xx are passed over (RFC 9110 15.2), but a connection that becomes another protocol's is of no use. */
  private isFinal(): boolean {
    if (this.code === 101) throw new InvalidAnswer("expected an answer, found 101: nobody asked for another protocol");
    return this.code >= 200;
  }

  /** How long the body is (RFC 9112 6.3). */
  private beginBody(): "head" {
    this.reason += this.start;
    this.lines += this.start;
    this.left = this.length;
    if (this.isBodiless || this.code === 204 || this.code === 304 || this.length === 0) this.state = "end";
    else if (this.isChunked) this.state = "chunk size";
    else if (this.isCoded || this.length === NO_LENGTH) this.state = "until close";
    else this.state = "fixed";
    this.persists = this.state !== "until close" && !this.saysClose && (this.minor === 1 || this.saysKeepAlive);
    return "head";
  }

  private takeBody(): "body" {
    const { at, end, state } = this;
    this.from = at;
    this.to = this.at = state === "until close" ? end : Math.min(end, at + this.left);
    this.left -= this.to - at;
    if (this.left === 0 && state !== "until close") this.state = state === "chunk" ? "chunk end" : "end";
    return "body";
  }

  /** chunk-size [ chunk-ext ] CRLF (RFC 9112 7.1). */
  private readChunkSize(): boolean {
    const { bytes, end, at: start } = this;
    let at = start;
    let size = 0;
    for (; at < end && HEX[bytes[at]!] !== 255; at++) size = size * 16 + HEX[bytes[at]!]!;
    if (at === end && at - start <= 12) return false;
    if (at === start || at - start > 12 || (bytes[at] !== CR && bytes[at] !== SEMICOLON))
      throw this.unlike("the size of a chunk in hexadecimal digits");
    while (at < end && VALUE[bytes[at]!] === 1) at++;
    if (at - start > LARGEST_HEAD) throw tooLarge();
    if (at < end && bytes[at] !== CR) throw this.unlike("the size of a chunk that ends with CR LF");
    if (at + 1 >= end) return false;
    if (bytes[at + 1] !== LF) throw this.unlike("the size of a chunk that ends with CR LF");
    this.at = at + 2;
    this.left = size;
    this.state = size === 0 ? "trailers" : "chunk";
    return true;
  }

  private readChunkEnd(): boolean {
    const { bytes, end, at } = this;
    if (at < end && bytes[at] !== CR) throw this.unlike("CR LF behind a chunk");
    if (at + 1 >= end) return false;
    if (bytes[at + 1] !== LF) throw this.unlike("CR LF behind a chunk");
    this.at = at + 2;
    this.state = "chunk size";
    return true;
  }

  /** Copies what is not whole yet: the bytes are overwritten by the next read. */
  private hold(from: number): "nothing" {
    if (from === this.end) {
      this.held = null;
      return "nothing";
    }
    this.held = Buffer.from(this.bytes.subarray(from, this.end));
    this.heldAt = this.at - from;
    return "nothing";
  }

  private unlike(expected: string): InvalidAnswer {
    return new InvalidAnswer(`expected ${expected}, found ${shown(this.bytes, this.at, this.end)}`);
  }
}

/** Places of a value in the bytes. */
interface Span {
  readonly value: number;
  readonly end: number;
}

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

const SHOWN = 40;
const shown = (bytes: Buffer, from: number, to: number): string =>
  JSON.stringify(bytes.toString("latin1", from, Math.min(to, from + SHOWN)));

const tooLarge = () => new InvalidAnswer(`expected at most ${LARGEST_HEAD} bytes of headers, found more`);
const conflicting = () =>
  new InvalidAnswer("expected the length of the answer once, found it twice (content-length, transfer-encoding)");
