/** What was read of a connection and is not taken yet. */

/** Bytes of what came, as messages show it. */
const SHOWN = 40;
const NOTHING = Buffer.alloc(0);

/** Bytes in place, from `at` to `end`; what is not whole yet begins at `start`. */
export class Input {
  bytes: Buffer = NOTHING;
  start = 0;
  at = 0;
  end = 0;
  private held: Buffer | null = null;
  private heldAt = 0;

  /** Takes the first bytes of a buffer, which may be overwritten before the next ones come. */
  feed(bytes: Buffer, length: number): void {
    const { held } = this;
    this.held = null;
    this.start = 0;
    this.bytes = held === null ? bytes : Buffer.concat([held, bytes.subarray(0, length)]);
    this.at = held === null ? 0 : this.heldAt;
    this.end = held === null ? length : held.length + length;
  }

  /** Copies what is not whole yet, to go on with when more has come. */
  hold(): void {
    if (this.start === this.end) return;
    this.held = Buffer.from(this.bytes.subarray(this.start, this.end));
    this.heldAt = this.at - this.start;
  }

  /** Nothing of what came matters any more. */
  clear(): void {
    this.held = null;
    this.bytes = NOTHING;
    this.start = this.at = this.end = 0;
  }

  /** The next bytes as messages show them. */
  get shown(): string {
    return JSON.stringify(this.bytes.toString("latin1", this.at, Math.min(this.end, this.at + SHOWN)));
  }
}
