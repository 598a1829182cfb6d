/** Frames of a server, read in place out of whatever pieces they come in (RFC 6455 5). */
import { isUtf8 } from "node:buffer";
import { LARGEST_MESSAGE } from "../link.ts";
import { Gathered } from "./gathered.ts";
import { InvalidFrame } from "./invalid_frame.ts";
import { FIRST_CONTROL, IN_16_BITS, IN_64_BITS, Opcode, SHORT } from "./opcodes.ts";

/** What `next` came upon: a whole message, a control frame, or the end of the bytes. */
export type Found = "message" | "close" | "ping" | "pong" | "nothing";

const FIN = 0x80;
const RESERVED = 0x70;
const OPCODE = 0x0f;
const MASKED = 0x80;
const LENGTH = 0x7f;
const NOTHING = Buffer.alloc(0);
/** Payload data is not UTF-8; a message is too big (RFC 6455 7.4.1). */
const NOT_CONSISTENT = 1007;
const TOO_BIG = 1009;

/** `feed` it what was read, then ask for `next` until it finds nothing. It throws InvalidFrame, and is of no use after that. */
export class FrameReader {
  /** The payload of what was found, in place: the bytes that were fed may be overwritten. */
  bytes: Buffer = NOTHING;
  from = 0;
  to = 0;
  private input: Buffer = NOTHING;
  private at = 0;
  private end = 0;
  /** The beginning of a head that is not whole yet. */
  private held: Buffer = NOTHING;
  private isInPayload = false;
  private isFinal = false;
  private opcode = 0;
  /** Bytes of the frame's payload that are to come. */
  private left = 0;
  /** Kind of the message of which fragments are still to come; CONTINUATION where there is none. */
  private unfinished: number = Opcode.CONTINUATION;
  private readonly message = new Gathered();
  private readonly control = new Gathered();

  /** Takes the first bytes of a buffer. */
  feed(bytes: Buffer, length: number): void {
    this.input = bytes;
    this.at = 0;
    this.end = length;
  }

  next(): Found {
    for (;;) {
      if (!this.isInPayload && !this.takeHead()) return "nothing";
      if (this.end - this.at < this.left) return this.wait();
      this.isInPayload = false;
      if (this.opcode >= FIRST_CONTROL) return this.takeControl();
      if (this.takeData()) return "message";
    }
  }

  /** A view of it. */
  get payload(): Buffer {
    return this.bytes.subarray(this.from, this.to);
  }

  /** Whether more bytes lie behind what was found. */
  get hasMore(): boolean {
    return this.at < this.end;
  }

  private wait(): "nothing" {
    const { at, end } = this;
    this.into.append(this.input, at, end);
    this.left -= end - at;
    this.at = end;
    return "nothing";
  }

  private get into(): Gathered {
    return this.opcode >= FIRST_CONTROL ? this.control : this.message;
  }

  private takeHead(): boolean {
    if (this.held.length > 0) return this.takeHeldHead();
    const size = this.readHead(this.input, this.at, this.end);
    if (size === 0 && this.at < this.end) this.held = Buffer.from(this.input.subarray(this.at, this.end));
    this.at = size === 0 ? this.end : this.at + size;
    this.isInPayload = size > 0;
    return this.isInPayload;
  }

  private takeHeldHead(): boolean {
    while (this.at < this.end) {
      this.held = Buffer.concat([this.held, this.input.subarray(this.at, ++this.at)]);
      if (this.readHead(this.held, 0, this.held.length) === 0) continue;
      this.held = NOTHING;
      this.isInPayload = true;
      return true;
    }
    return false;
  }

  /** Gives the bytes of the head; 0 where it is not whole yet. */
  private readHead(bytes: Buffer, at: number, end: number): number {
    if (end - at < 2) return 0;
    const first = bytes[at]!;
    const second = bytes[at + 1]!;
    const short = second & LENGTH;
    this.checkKind(first, second);
    const size = short === IN_16_BITS ? 4 : short === IN_64_BITS ? 10 : 2;
    if (end - at < size) return 0;
    const length = size === 2 ? short : size === 4 ? bytes.readUInt16BE(at + 2) : readLongLength(bytes, at + 2);
    // The shortest way to say a length is the only one (5.2).
    if (size === 4 && length <= SHORT)
      throw new InvalidFrame(`expected the length ${length} in 7 bits, found it in 16`);
    this.begin(first, length);
    return size;
  }

  /** What the first two bytes may say (5.2), where it may stand (5.4 and 5.5). */
  private checkKind(first: number, second: number): void {
    const opcode = first & OPCODE;
    if ((first & RESERVED) !== 0)
      throw new InvalidFrame("expected a frame without reserved bits, found one that has them");
    if ((second & MASKED) !== 0) throw new InvalidFrame("expected no mask in a frame of a server, found one");
    if (opcode >= FIRST_CONTROL) {
      if (opcode > Opcode.PONG) throw unknownKind(opcode);
      if ((first & FIN) === 0) throw new InvalidFrame("expected a control frame in one piece, found a fragment");
      if ((second & LENGTH) > SHORT)
        throw new InvalidFrame(`expected at most ${SHORT} bytes in a control frame, found more`);
    } else if (opcode > Opcode.BINARY) throw unknownKind(opcode);
    else if (opcode === Opcode.CONTINUATION && this.unfinished === Opcode.CONTINUATION)
      throw new InvalidFrame("expected a new message, found the continuation of none");
    else if (opcode !== Opcode.CONTINUATION && this.unfinished !== Opcode.CONTINUATION)
      throw new InvalidFrame("expected the continuation of a message, found a new one");
  }

  private begin(first: number, length: number): void {
    this.opcode = first & OPCODE;
    this.isFinal = (first & FIN) !== 0;
    this.left = length;
    if (this.opcode < FIRST_CONTROL && this.message.length + length > LARGEST_MESSAGE)
      throw new InvalidFrame(`expected at most ${LARGEST_MESSAGE} bytes in a message, found more`, TOO_BIG);
    if (this.opcode === Opcode.TEXT || this.opcode === Opcode.BINARY) this.unfinished = this.opcode;
  }

  /** The rest of the payload, with what came of it before. */
  private takePayload(into: Gathered): void {
    this.bytes = this.input;
    this.from = this.at;
    this.at += this.left;
    this.to = this.at;
    if (into.length === 0) return;
    into.append(this.input, this.from, this.to);
    this.bytes = into.take();
    this.from = 0;
    this.to = this.bytes.length;
  }

  private takeControl(): Found {
    this.takePayload(this.control);
    return this.opcode === Opcode.PING ? "ping" : this.opcode === Opcode.PONG ? "pong" : "close";
  }

  /** Whether that was the last of a message. */
  private takeData(): boolean {
    if (!this.isFinal) {
      this.message.append(this.input, this.at, this.at + this.left);
      this.at += this.left;
      return false;
    }
    this.takePayload(this.message);
    // Text is UTF-8 (5.6), as a whole and not each fragment (8.1).
    if (this.unfinished === Opcode.TEXT && !this.isText)
      throw new InvalidFrame("expected text in UTF-8, found other bytes", NOT_CONSISTENT);
    this.unfinished = Opcode.CONTINUATION;
    return true;
  }

  private get isText(): boolean {
    const { bytes, from, to } = this;
    let at = from;
    if (to - from <= BRIEF) while (at < to && bytes[at]! < ASCII) at++;
    return at === to || isUtf8(this.payload);
  }
}

/** Characters of one byte in UTF-8 are below. */
const ASCII = 0x80;
/** Bytes up to which a look at each costs less than a view for Node to look at. */
const BRIEF = 128;

/** 64 bits, of which the highest is 0 (5.2). */
function readLongLength(bytes: Buffer, at: number): number {
  const high = bytes.readUInt32BE(at);
  if (high > 0x7fffffff) throw new InvalidFrame("expected a length of 63 bits, found one of 64");
  const length = high * 2 ** 32 + bytes.readUInt32BE(at + 4);
  if (length <= 0xffff) throw new InvalidFrame(`expected the length ${length} in 16 bits at most, found it in 64`);
  return length;
}

const unknownKind = (opcode: number): InvalidFrame =>
  new InvalidFrame(`expected a frame of a known kind, found opcode ${opcode}`);
