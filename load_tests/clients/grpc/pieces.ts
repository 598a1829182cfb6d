/** The messages of one answer. */

/** Bytes of a stream that are kept for checks; the rest is counted. One message, and the last, is kept whatever its size. */
const KEPT = 4 * 1024 * 1024;

export class Pieces {
  count = 0;
  /** Bytes of all messages, and of those that are kept. */
  size = 0;
  kept = 0;
  /** Most answers are one message: the list of the others is made when the second comes. */
  private first: Buffer | null = null;
  private others: Buffer[] | null = null;
  /** The last message, where it is not among them. */
  private last: Buffer | null = null;

  add(message: Buffer): void {
    this.count++;
    this.size += message.length;
    this.kept -= this.last?.length ?? 0;
    this.kept += message.length;
    if (this.first === null) this.first = message;
    else if (this.last !== null || this.kept > KEPT) this.last = message;
    else {
      this.others ??= [];
      this.others.push(message);
    }
  }

  /** Those that are kept, in their order. */
  messages(): readonly Buffer[] {
    return [this.first, ...(this.others ?? []), this.last].filter((each) => each !== null);
  }
}
