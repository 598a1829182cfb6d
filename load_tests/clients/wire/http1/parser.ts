/** Answers of HTTP/1.1, read in place out of whatever pieces they come in (RFC 9112). */
import { CR, HEX, LF, SEMICOLON, VALUE } from "./characters.ts";
import { Head, InvalidAnswer, LARGEST_HEAD, NO_LENGTH, tooLarge, unlike } from "./head.ts";
import { Input } from "./input.ts";

/** What `next` came upon: the head, a piece of the body, the answer's end, or the end of the bytes. */
export type Found = "head" | "body" | "end" | "nothing";

type State = "status" | "headers" | "fixed" | "until close" | "chunk size" | "chunk" | "chunk end" | "trailers" | "end";

/** Digits of a chunk's size whose number is exact. */
const MOST_DIGITS = 12;

/**
 * `begin` for each request, `feed` it what was read, then ask for `next` until it finds nothing or the end. It throws
 * InvalidAnswer, and is of no use after that.
 */
export class AnswerParser {
  private readonly input = new Input();
  readonly head = new Head(this.input);
  /** The piece of the body that was found, in `bytes`. */
  from = 0;
  to = 0;
  /** The server keeps the connection after this answer (RFC 9112 9.3). */
  persists = false;
  private state: State = "status";
  private isBodiless = false;
  /** Bytes of the body, or of the chunk, that are to come. */
  private left = 0;

  begin(method: string): void {
    this.isBodiless = method === "HEAD";
    this.clear();
    this.beginHead();
  }

  /** Between two answers nothing is kept. */
  clear(): void {
    this.input.clear();
  }

  feed(bytes: Buffer, length: number): void {
    this.input.feed(bytes, length);
  }

  next(): Found {
    const { input, head } = this;
    for (;;) {
      switch (this.state) {
        case "status":
          if (!head.readStatus()) return this.wait();
          this.state = "headers";
          break;
        case "headers":
          if (!head.readLines()) return this.wait();
          if (this.isFinal()) return this.beginBody();
          this.beginHead();
          break;
        case "fixed":
        case "chunk":
        case "until close":
          return input.at === input.end ? "nothing" : this.takeBody();
        case "chunk size":
          input.start = input.at;
          if (!this.readChunkSize()) return this.wait();
          break;
        case "chunk end":
          input.start = input.at;
          if (!this.readChunkEnd()) return this.wait();
          break;
        case "trailers":
          if (!head.readLines()) {
            input.start = input.at;
            return this.wait();
          }
          this.state = "end";
          break;
        case "end":
          return "end";
      }
    }
  }

  get bytes(): Buffer {
    return this.input.bytes;
  }

  /** Whether the server's closing ends the answer: its length is nowhere said (RFC 9112 6.3, rule 8). */
  get endsWithConnection(): boolean {
    return this.state === "until close";
  }

  /** Whether more came than the answer: all but empty lines, which say nothing. */
  get hasMore(): boolean {
    const { bytes, at, end } = this.input;
    for (let i = at; i < end; i++) if (bytes[i] !== CR && bytes[i] !== LF) return true;
    return false;
  }

  private beginHead(): void {
    this.state = "status";
    this.input.start = this.input.at;
    this.head.begin();
  }

  private wait(): "nothing" {
    this.input.hold();
    return "nothing";
  }

  /** 1xx are passed over (RFC 9110 15.2), but a connection that becomes another protocol's is of no use. */
  private isFinal(): boolean {
    const { code } = this.head;
    if (code === 101) throw new InvalidAnswer("expected an answer, found 101: nobody asked for another protocol");
    return code >= 200;
  }

  /** How long the body is (RFC 9112 6.3). */
  private beginBody(): "head" {
    const { code, length, isChunked, isCoded, keepsConnection } = this.head;
    this.left = length;
    if (this.isBodiless || code === 204 || code === 304 || length === 0) this.state = "end";
    else if (isChunked) this.state = "chunk size";
    else if (isCoded || length === NO_LENGTH) this.state = "until close";
    else this.state = "fixed";
    this.persists = keepsConnection && this.state !== "until close";
    return "head";
  }

  private takeBody(): "body" {
    const { input, state } = this;
    const { at, end } = input;
    this.from = at;
    this.to = input.at = state === "until close" ? end : Math.min(end, at + this.left);
    this.left -= this.to - at;
    if (this.left === 0 && state !== "until close") this.state = state === "chunk" ? "chunk end" : "end";
    return "body";
  }

  /** chunk-size [ chunk-ext ] CRLF (RFC 9112 7.1). */
  private readChunkSize(): boolean {
    const { input } = this;
    const { bytes, end, at: start } = input;
    let at = start;
    let size = 0;
    for (; at < end && HEX[bytes[at]!] !== 255; at++) size = size * 16 + HEX[bytes[at]!]!;
    if (at === end && at - start <= MOST_DIGITS) return false;
    if (at === start || at - start > MOST_DIGITS || (bytes[at] !== CR && bytes[at] !== SEMICOLON))
      throw unlike("the size of a chunk in hexadecimal digits", input);
    while (at < end && VALUE[bytes[at]!] === 1) at++;
    if (at - start > LARGEST_HEAD) throw tooLarge();
    if (!this.endsLine(at)) return false;
    this.left = size;
    this.state = size === 0 ? "trailers" : "chunk";
    return true;
  }

  private readChunkEnd(): boolean {
    if (!this.endsLine(this.input.at)) return false;
    this.state = "chunk size";
    return true;
  }

  /** Passes over CR LF; false where they are still to come. */
  private endsLine(at: number): boolean {
    const { input } = this;
    const { bytes, end } = input;
    if ((at < end && bytes[at] !== CR) || (at + 1 < end && bytes[at + 1] !== LF))
      throw unlike("CR LF behind the size of a chunk, and behind the chunk", input);
    if (at + 1 >= end) return false;
    input.at = at + 2;
    return true;
  }
}
