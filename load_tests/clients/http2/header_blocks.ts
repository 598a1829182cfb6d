/** Puts header blocks together that come as HEADERS and CONTINUATION frames (RFC 9113 4.3, 6.10). */
import { ErrorCode, ProtocolError } from "./errors.ts";
import { contentOf } from "./frame_rules.ts";
import { Flag, type Frame, FrameType } from "./frames.ts";

/** Bytes and frames of one block: a peer that sends more has no end in mind. */
const MAX_BLOCK = 65_536;
const MAX_FRAMES = 8;

/** A block that is whole; its bytes stand only while it is shown. */
export interface Block {
  readonly stream: number;
  readonly end: boolean;
  readonly bytes: Buffer;
  readonly from: number;
  readonly to: number;
}

export class HeaderBlocks {
  private stream = 0;
  private end = false;
  private parts: Buffer[] = [];
  private size = 0;

  /** Throws a ProtocolError where a frame comes between those of a block (6.10). */
  expect({ type, stream }: Frame): void {
    const isOpen = this.stream !== 0;
    if (isOpen !== (type === FrameType.CONTINUATION) || (isOpen && stream !== this.stream))
      throw new ProtocolError(
        ErrorCode.PROTOCOL_ERROR,
        isOpen ? "another frame within a header block (6.10)" : "CONTINUATION without HEADERS (6.10)",
      );
  }

  /** The block that a HEADERS or CONTINUATION frame makes whole, else null. */
  add(frame: Frame): Block | null {
    const { type, flags, stream, bytes } = frame;
    const [from, to] = type === FrameType.HEADERS ? contentOf(frame) : [frame.from, frame.to];
    const isWhole = (flags & Flag.END_HEADERS) !== 0;
    if (type === FrameType.HEADERS) {
      this.end = (flags & Flag.END_STREAM) !== 0;
      if (isWhole) return { stream, end: this.end, bytes, from, to };
      this.stream = stream;
    }
    this.parts.push(Buffer.from(bytes.subarray(from, to)));
    this.size += to - from;
    if (this.size > MAX_BLOCK || this.parts.length > MAX_FRAMES)
      throw new ProtocolError(ErrorCode.ENHANCE_YOUR_CALM, `a header block of ${this.parts.length} frames and more`);
    return isWhole ? this.joined() : null;
  }

  private joined(): Block {
    const bytes = Buffer.concat(this.parts);
    const block = { stream: this.stream, end: this.end, bytes, from: 0, to: bytes.length };
    this.stream = this.size = 0;
    this.parts = [];
    return block;
  }
}
