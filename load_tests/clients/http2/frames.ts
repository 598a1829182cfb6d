/** Frames of HTTP/2 (RFC 9113 4.1), and the forms of those that we send. */

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
 * stream is yet to be written into each (`Outbox.putFrames`).
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
