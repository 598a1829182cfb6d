/** Messages in their frames (gRPC over HTTP/2: Length-Prefixed-Message). */

/** A flag of one byte, and a length of four. */
const PREFIX = 5;

/** A message in its frame. */
export function framed(message: Uint8Array, isCompressed: boolean): Buffer {
  const bytes = Buffer.allocUnsafe(PREFIX + message.length);
  bytes[0] = isCompressed ? 1 : 0;
  bytes.writeUInt32BE(message.length, 1);
  bytes.set(message, PREFIX);
  return bytes;
}

/** What takes the messages; `bytes` stand only while it is called. */
export interface MessageSink {
  message(bytes: Buffer, from: number, to: number): void;
  compressedMessage(bytes: Buffer): void;
  /** A message longer than the limit begins: nothing more is read. */
  tooLarge(bytes: number): void;
}

/** Finds messages in the content of an answer, however it is cut; of one that is cut it keeps what came. */
export class MessageReader {
  private readonly sink: MessageSink;
  private readonly limit: number;
  private parts: Buffer[] | null = null;
  private have = 0;

  /** `limit`: bytes of one message. */
  constructor(sink: MessageSink, limit: number) {
    this.sink = sink;
    this.limit = limit;
  }

  /** The content ended within a message. */
  get isCut(): boolean {
    return this.parts !== null;
  }

  feed(bytes: Buffer, from: number, to: number): void {
    let at = from;
    if (this.parts !== null) {
      at = this.mend(bytes, from, to);
      if (this.parts !== null) return;
    }
    while (to - at >= PREFIX) {
      const size = bytes.readUInt32BE(at + 1);
      if (size > this.limit) {
        this.sink.tooLarge(size);
        return;
      }
      const end = at + PREFIX + size;
      if (end > to) break;
      this.show(bytes, at, end);
      at = end;
    }
    if (at < to) this.keep(bytes, at, to);
  }

  private keep(bytes: Buffer, from: number, to: number): void {
    this.parts ??= [];
    this.parts.push(Buffer.from(bytes.subarray(from, to)));
    this.have += to - from;
  }

  /** Adds to the message that is cut, and gives the place after it. */
  private mend(bytes: Buffer, from: number, to: number): number {
    let at = from;
    if (this.have < PREFIX) {
      at = Math.min(to, from + PREFIX - this.have);
      this.keep(bytes, from, at);
      if (this.have < PREFIX) return at;
      this.parts = [Buffer.concat(this.parts!)];
    }
    const size = this.parts![0]!.readUInt32BE(1);
    if (size > this.limit) {
      this.sink.tooLarge(size);
      return to;
    }
    const end = Math.min(to, at + PREFIX + size - this.have);
    if (end > at) this.keep(bytes, at, end);
    if (this.have === PREFIX + size) this.complete();
    return end;
  }

  private complete(): void {
    const whole = Buffer.concat(this.parts!);
    this.parts = null;
    this.have = 0;
    this.show(whole, 0, whole.length);
  }

  private show(bytes: Buffer, at: number, end: number): void {
    if (bytes[at] === 1) this.sink.compressedMessage(bytes.subarray(at + PREFIX, end));
    else this.sink.message(bytes, at + PREFIX, end);
  }
}
