/** Frames of HTTP/2 (RFC 9113 4.1): the reader that finds them in what comes, and the forms of those that we send. */
import { ErrorCode, ProtocolError } from "./errors.ts";

export const FrameType = {
  DATA: 0,
  HEADERS: 1,
  PRIORITY: 2,
  RST_STREAM: 3,
  SETTINGS: 4,
  PUSH_PROMISE: 5,
  PING: 6,
  GOAWAY: 7,
  WINDOW_UPDATE: 8,
  CONTINUATION: 9,
} as const;

export const Flag = { END_STREAM: 1, ACK: 1, END_HEADERS: 4, PADDED: 8, PRIORITY: 32 } as const;

/** Bytes before the payload of every frame. */
export const HEAD = 9;
/** The largest payload that each side takes, unless it says more (RFC 9113 4.2). */
export const MAX_PAYLOAD = 16_384;

/** The frame at hand: its payload stands in `bytes` from `from` to `to`, and only while it is shown. */
export interface Frame {
  readonly type: number;
  readonly flags: number;
  readonly stream: number;
  readonly bytes: Buffer;
  readonly from: number;
  readonly to: number;
}

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

/** The highest bit is reserved (RFC 9113 4.1). */
export const streamAt = (bytes: Buffer, at: number): number => bytes.readUInt32BE(at) & 0x7fffffff;

/** A frame's head and room for its payload. */
export function frame(type: number, flags: number, payload: Uint8Array, stream = 0): Buffer {
  const bytes = Buffer.allocUnsafe(HEAD + payload.length);
  bytes.writeUIntBE(payload.length, 0, 3);
  bytes[3] = type;
  bytes[4] = flags;
  bytes.writeUInt32BE(stream, 5);
  bytes.set(payload, HEAD);
  return bytes;
}

/** RFC 9113 6.5: pairs of a setting's number and its value. */
export function settingsFrame(settings: readonly (readonly [id: number, value: number])[]): Buffer {
  const payload = Buffer.alloc(6 * settings.length);
  settings.forEach(([id, value], index) => {
    payload.writeUInt16BE(id, 6 * index);
    payload.writeUInt32BE(value, 6 * index + 2);
  });
  return frame(FrameType.SETTINGS, 0, payload);
}

const fourBytes = (value: number): Buffer => {
  const bytes = Buffer.allocUnsafe(4);
  bytes.writeUInt32BE(value);
  return bytes;
};

export const windowUpdateFrame = (stream: number, increment: number): Buffer =>
  frame(FrameType.WINDOW_UPDATE, 0, fourBytes(increment), stream);

export const resetFrame = (stream: number, code: number): Buffer =>
  frame(FrameType.RST_STREAM, 0, fourBytes(code), stream);

/** `last`: the highest stream of the peer that we looked at, which is none. */
export const goAwayFrame = (code: number, why: string): Buffer =>
  frame(FrameType.GOAWAY, 0, Buffer.concat([fourBytes(0), fourBytes(code), Buffer.from(why)]));

/**
 * A request's header block as HEADERS and, where it is long, CONTINUATION frames (RFC 9113 6.2, 6.10), of stream 0: their
 * stream is yet to be written into each (`setStream`).
 */
export function headersFrames(block: Buffer): Buffer {
  const frames: Buffer[] = [];
  for (let at = 0; at === 0 || at < block.length; at += MAX_PAYLOAD) {
    const last = at + MAX_PAYLOAD >= block.length;
    const type = at === 0 ? FrameType.HEADERS : FrameType.CONTINUATION;
    frames.push(frame(type, last ? Flag.END_HEADERS : 0, block.subarray(at, at + MAX_PAYLOAD)));
  }
  return Buffer.concat(frames);
}
