/** Lines on their way to a file that may be slow: one write at a time, and a count of what was lost. */
export class LineWriter {
  /** Lines that never came to be written. */
  dropped = 0;
  /** Why nothing more could be written; null while all is well. */
  problem: Error | null = null;
  private readonly write: (text: Uint8Array) => Promise<void>;
  /** A write is under way, given up or not. */
  isWriting = false;
  /** Lines of the write under way. */
  private flying = 0;
  private writing: Promise<void> = Promise.resolve();
  private giveUp: () => void = () => {};
  private abandoned = false;

  constructor(write: (text: Uint8Array) => Promise<void>) {
    this.write = write;
  }

  /** Begins to write the text of so many lines; resolves when nothing else waits to be written. */
  async add(text: Uint8Array, lines: number): Promise<void> {
    await this.writing;
    if (this.abandoned) {
      this.dropped += lines;
      return;
    }
    this.flying = lines;
    this.writing = new Promise((resolve) => {
      this.giveUp = resolve;
      void this.put(text).then(resolve);
    });
  }

  /** Settles when all is written, or cannot be. */
  idle(): Promise<void> {
    return this.writing;
  }

  /** Whatever is not written by now is lost. */
  abandon(): void {
    this.abandoned = true;
    this.dropped += this.flying;
    this.flying = 0;
    this.giveUp();
  }

  private async put(text: Uint8Array): Promise<void> {
    this.isWriting = true;
    try {
      await this.write(text);
      this.flying = 0;
    } catch (error) {
      this.problem = error as Error;
      this.abandon();
    } finally {
      this.isWriting = false;
    }
  }
}
