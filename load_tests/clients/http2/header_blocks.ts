/** Puts header blocks together that come as HEADERS and CONTINUATION frames (RFC 9113 4.3, 6.10). */
import { ErrorCode, ProtocolError } from "./errors.ts";
import { contentEnd, contentStart } from "./frame_rules.ts";
import { Flag, type Frame, FrameType } from "./frames.ts";

/** Bytes and frames of one block: a peer that sends more has no end in mind. */
const MAX_BLOCK = 65_536;
const MAX_FRAMES = 8;

/** A block that is whole; its bytes stand only until the next frame. */
export interface Block {
  readonly stream: number;
  readonly end: boolean;
  readonly bytes: Buffer;
  readonly from: number;
  readonly to: number;
}

/** It is the block itself once that is whole: one is made of each answer's head and trailers. */
export class HeaderBlocks implements Block {
  stream = 0;
  end = false;
  bytes: Buffer = Buffer.alloc(0);
  from = 0;
  to = 0;
  private isOpen = false;
  private parts: Buffer[] = [];
  private size = 0;

  /** Throws a ProtocolError where a frame comes between those of a block (6.10). */
  expect({ type, stream }: Frame): void {
    const { isOpen } = this;
    if (isOpen !== (type === FrameType.CONTINUATION) || (isOpen && stream !== this.stream))
      throw new ProtocolError(
        ErrorCode.PROTOCOL_ERROR,
        isOpen ? "another frame within a header block (6.10)" : "CONTINUATION without HEADERS (6.10)",
      );
  }

  /** The block that a HEADERS or CONTINUATION frame makes whole, else null. */
  add(frame: Frame): Block | null {
    const isHead = frame.type === FrameType.HEADERS;
    if (isHead) {
      this.stream = frame.stream;
      this.end = (frame.flags & Flag.END_STREAM) !== 0;
    }
    this.bytes = frame.bytes;
    this.from = isHead ? contentStart(frame) : frame.from;
    this.to = isHead ? contentEnd(frame) : frame.to;
    const isWhole = (frame.flags & Flag.END_HEADERS) !== 0;
    if (isHead && isWhole) return this;
    this.isOpen = !isWhole;
    this.keep();
    return isWhole ? this.joined() : null;
  }

  private keep(): void {
    this.parts.push(Buffer.from(this.bytes.subarray(this.from, this.to)));
    this.size += this.to - this.from;
    if (this.size > MAX_BLOCK || this.parts.length > MAX_FRAMES)
      throw new ProtocolError(ErrorCode.ENHANCE_YOUR_CALM, `a header block of ${this.parts.length} frames and more`);
  }

  private joined(): Block {
    this.bytes = Buffer.concat(this.parts);
    this.from = this.size = 0;
    this.to = this.bytes.length;
    this.parts = [];
    return this;
  }
}
