/** Lines on their way to a file that may be slow: a bounded queue, one write at a time, and a count of what was lost. */

/** Characters that may wait. */
const MOST_WAITING = 16 * 1024 * 1024;
/** Characters of one write. */
const A_WRITE = 1024 * 1024;

export class LineWriter {
  /** Lines that found no room, or never came to be written. */
  dropped = 0;
  /** Why nothing more could be written; null while all is well. */
  problem: Error | null = null;
  private readonly write: (text: string) => Promise<void>;
  private readonly most: number;
  private waiting: string[] = [];
  private size = 0;
  /** Lines of the write under way. */
  private flying = 0;
  private writing: Promise<void> | null = null;

  constructor(write: (text: string) => Promise<void>, most = MOST_WAITING) {
    this.write = write;
    this.most = most;
  }

  add(line: string): void {
    if (this.problem !== null || this.size + line.length > this.most) {
      this.dropped++;
      return;
    }
    this.waiting.push(line);
    this.size += line.length;
    this.writing ??= this.drain();
  }

  /** Settles when all that waits is written, or cannot be. */
  async idle(): Promise<void> {
    await this.writing;
  }

  /** Gives up what still waits. */
  abandon(): void {
    this.problem ??= new Error("the disk was too slow");
    this.dropped += this.waiting.length + this.flying;
    this.flying = 0;
    this.waiting = [];
    this.size = 0;
  }

  private async drain(): Promise<void> {
    while (this.waiting.length > 0) {
      const lines = this.take();
      const text = lines.join("");
      this.flying = lines.length;
      try {
        await this.write(text);
        this.flying = 0;
        this.size = Math.max(0, this.size - text.length);
      } catch (error) {
        this.problem ??= error as Error;
        this.abandon();
      }
    }
    this.writing = null;
  }

  private take(): string[] {
    let length = 0;
    const end = this.waiting.findIndex((line) => {
      length += line.length;
      return length > A_WRITE;
    });
    return this.waiting.splice(0, end < 1 ? (end === 0 ? 1 : this.waiting.length) : end);
  }
}
