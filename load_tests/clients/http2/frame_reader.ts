/** Reads frames (RFC 9113 4.1, 4.2). */
import { ErrorCode, ProtocolError } from "./errors.ts";
import { type Frame, HEAD, MAX_PAYLOAD, streamAt } from "./frames.ts";

/**
 * Finds frames in a stream of bytes, however it is cut. Whole frames are shown where they lie; of one that is cut the
 * beginning is kept, in a buffer of its own size.
 */
export class FrameReader implements Frame {
  type = 0;
  flags = 0;
  stream = 0;
  bytes: Buffer = Buffer.alloc(0);
  from = 0;
  to = 0;
  private readonly take: (frame: Frame) => void;
  private readonly maxPayload: number;
  /** A frame that is cut: its beginning, as far as it came. */
  private cut: Buffer | null = null;
  private have = 0;

  /** `maxPayload` is what we told the peer. */
  constructor(take: (frame: Frame) => void, maxPayload = MAX_PAYLOAD) {
    this.take = take;
    this.maxPayload = maxPayload;
  }

  /** Shows all frames that end in the first `length` bytes. Throws a ProtocolError where one is too large. */
  feed(bytes: Buffer, length: number): void {
    let at = this.cut === null ? 0 : this.mend(bytes, length);
    while (length - at >= HEAD) {
      const end = at + HEAD + this.sizeAt(bytes, at);
      if (end > length) break;
      this.show(bytes, at, end);
      at = end;
    }
    if (at < length) this.keep(bytes, at, length);
  }

  private show(bytes: Buffer, at: number, end: number): void {
    this.type = bytes[at + 3]!;
    this.flags = bytes[at + 4]!;
    this.stream = streamAt(bytes, at + 5);
    this.bytes = bytes;
    this.from = at + HEAD;
    this.to = end;
    this.take(this);
  }

  private keep(bytes: Buffer, at: number, length: number): void {
    this.have = length - at;
    this.cut = Buffer.allocUnsafe(this.have < HEAD ? HEAD : HEAD + this.sizeAt(bytes, at));
    bytes.copy(this.cut, 0, at, length);
  }

  private sizeAt(bytes: Buffer, at: number): number {
    const size = (bytes[at]! << 16) | (bytes[at + 1]! << 8) | bytes[at + 2]!;
    if (size > this.maxPayload)
      throw new ProtocolError(
        ErrorCode.FRAME_SIZE_ERROR,
        `a frame of ${size} bytes, more than ${this.maxPayload} (4.2)`,
      );
    return size;
  }

  /** Fills the frame that is cut, and gives how many bytes went into it. */
  private mend(bytes: Buffer, length: number): number {
    let at = 0;
    while (this.cut !== null) {
      const copied = bytes.copy(this.cut, this.have, at, length);
      at += copied;
      this.have += copied;
      if (this.have < this.cut.length) return at;
      const whole = HEAD + this.sizeAt(this.cut, 0);
      const frame = this.cut;
      if (whole === this.have) {
        this.cut = null;
        this.show(frame, 0, whole);
      } else {
        this.cut = Buffer.allocUnsafe(whole);
        frame.copy(this.cut);
      }
    }
    return at;
  }
}
