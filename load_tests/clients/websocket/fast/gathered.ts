/** Bytes that come in pieces: as much memory as came, never as much as was promised. */
const NOTHING = Buffer.alloc(0);

export class Gathered {
  length = 0;
  private bytes = NOTHING;

  append(from: Buffer, start: number, end: number): void {
    const length = this.length + end - start;
    if (length > this.bytes.length) this.grow(length);
    from.copy(this.bytes, this.length, start, end);
    this.length = length;
  }

  /** Gives them all and begins anew. */
  take(): Buffer {
    const whole = this.bytes.subarray(0, this.length);
    this.bytes = NOTHING;
    this.length = 0;
    return whole;
  }

  private grow(length: number): void {
    const larger = Buffer.allocUnsafe(Math.max(length, 2 * this.bytes.length));
    this.bytes.copy(larger, 0, 0, this.length);
    this.bytes = larger;
  }
}
