/** Gathers what is to be written, so that one wake-up makes one write. */

const FIRST = 1024;
/** A buffer that grew beyond it is not kept. */
const LARGEST = 256 * 1024;

/** Where the bytes go. Gives whether they may be overwritten now: it took them whole, or copied them. */
type Write = (bytes: Buffer) => boolean;

export class Outbox {
  private readonly write: Write;
  private buffer: Buffer = Buffer.allocUnsafe(FIRST);
  private used = 0;

  constructor(write: Write) {
    this.write = write;
  }

  get size(): number {
    return this.used;
  }

  put(bytes: Uint8Array): void {
    this.reserve(bytes.length);
    this.buffer.set(bytes, this.used);
    this.used += bytes.length;
  }

  /** Frames that were written before, of one stream, now for another: each frame's head names it. */
  putFrames(frames: Buffer, stream: number): void {
    const from = this.used;
    this.put(frames);
    for (let at = from; at < this.used; at += 9 + this.buffer.readUIntBE(at, 3))
      this.buffer.writeUInt32BE(stream, at + 5);
  }

  /** The head of a frame whose payload is put next. */
  putHead(type: number, flags: number, stream: number, length: number): void {
    this.reserve(9);
    const { buffer, used } = this;
    buffer[used] = length >>> 16;
    buffer[used + 1] = length >>> 8;
    buffer[used + 2] = length;
    buffer[used + 3] = type;
    buffer[used + 4] = flags;
    buffer[used + 5] = stream >>> 24;
    buffer[used + 6] = stream >>> 16;
    buffer[used + 7] = stream >>> 8;
    buffer[used + 8] = stream;
    this.used += 9;
  }

  flush(): void {
    if (this.used === 0) return;
    const { buffer, used } = this;
    this.used = 0;
    if (!this.write(buffer.subarray(0, used)) || buffer.length > LARGEST) this.buffer = Buffer.allocUnsafe(FIRST);
  }

  private reserve(more: number): void {
    if (this.used + more <= this.buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(2 * this.buffer.length, this.used + more));
    this.buffer.copy(larger, 0, 0, this.used);
    this.buffer = larger;
  }
}
