/** The messages of one answer. */

/** Bytes of a stream that are kept for checks; the rest is counted. One message, and the last, is kept whatever its size. */
const KEPT = 4 * 1024 * 1024;

export class Pieces {
  count = 0;
  /** Bytes of all messages, and of those that are kept. */
  size = 0;
  kept = 0;
  private readonly first: Buffer[] = [];
  /** The last message, where it is not among the first. */
  private last: Buffer | null = null;

  add(message: Buffer): void {
    this.count++;
    this.size += message.length;
    this.kept -= this.last?.length ?? 0;
    this.kept += message.length;
    if (this.last === null && (this.kept <= KEPT || this.first.length === 0)) this.first.push(message);
    else this.last = message;
  }

  /** Those that are kept, in their order. */
  messages(): readonly Buffer[] {
    return this.last === null ? this.first : [...this.first, this.last];
  }
}
