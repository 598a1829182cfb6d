/** The messages of one answer. */

/** Bytes of a stream that are kept for checks; the rest is counted. One message, and the last, is kept whatever its size. */
const KEPT = 4 * 1024 * 1024;
/** Room for the messages after the first. */
const SOME = 256;
/** Bytes that a loop copies faster than `copy` does, which makes a view of them first. */
const SHORT = 100;

/** Most answers are one short message, many are a hundred: they stand in one buffer, and are cut out when asked for. */
export class Pieces {
  count = 0;
  /** Bytes of all messages. */
  size = 0;
  private bytes: Buffer | null = null;
  private used = 0;
  /** Where each message ends, once there are two. */
  private ends: number[] | null = null;
  /** The last message, where it is not among them. */
  private last: Buffer | null = null;

  /** Bytes of those that are kept. */
  get kept(): number {
    return this.used + (this.last?.length ?? 0);
  }

  /** Copies a message. */
  add(source: Buffer, from = 0, to = source.length): void {
    const length = to - from;
    this.count++;
    this.size += length;
    if (this.count > 1 && (this.last !== null || this.used + length > KEPT)) this.last = copied(source, from, to);
    else this.append(source, from, to);
  }

  /** Those that are kept, in their order. */
  messages(): readonly Buffer[] {
    if (this.bytes === null) return [];
    const { bytes, ends } = this;
    const first = ends ?? [this.used];
    const kept = first.map((end, index) => bytes.subarray(index === 0 ? 0 : first[index - 1], end));
    return this.last === null ? kept : [...kept, this.last];
  }

  private append(source: Buffer, from: number, to: number): void {
    const { used } = this;
    const end = used + to - from;
    if (this.bytes === null) this.bytes = Buffer.allocUnsafe(end);
    else {
      this.ends ??= [used];
      this.ends.push(end);
      if (end > this.bytes.length) this.grow(Math.max(SOME, 2 * end));
    }
    const { bytes } = this;
    if (to - from > SHORT) source.copy(bytes, used, from, to);
    else for (let at = from, place = used; at < to; at++) bytes[place++] = source[at]!;
    this.used = end;
  }

  private grow(length: number): void {
    const larger = Buffer.allocUnsafe(length);
    this.bytes!.copy(larger, 0, 0, this.used);
    this.bytes = larger;
  }
}

function copied(source: Buffer, from: number, to: number): Buffer {
  const bytes = Buffer.allocUnsafe(to - from);
  source.copy(bytes, 0, from, to);
  return bytes;
}
