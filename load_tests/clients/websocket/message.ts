/** A WebSocket message that came, as an answer; decoded only where somebody asks. */
import type { Answer } from "../../core/plugin.ts";

/** An answered message has no status of its own. */
export const ANSWERED = "OK";

/** It stands in bytes that are the link's, and will be overwritten. */
export class Message implements Answer {
  readonly status = ANSWERED;
  /** Bytes of all messages of the reply, this one the last. */
  size: number;
  private bytes: Buffer;
  private from: number;
  private to: number;
  private decoded: unknown;
  private isDecoded = false;

  constructor(bytes: Buffer, from: number, to: number) {
    this.bytes = bytes;
    this.from = from;
    this.to = to;
    this.size = to - from;
  }

  /** Copies it, for who looks at it later. */
  keep(): void {
    this.bytes = Buffer.from(this.bytes.subarray(this.from, this.to));
    this.from = 0;
    this.to = this.bytes.length;
  }

  header(): undefined {
    return undefined;
  }

  text(): string {
    return this.bytes.toString("utf8", this.from, this.to);
  }

  json(): unknown {
    if (!this.isDecoded) {
      this.isDecoded = true;
      try {
        this.decoded = JSON.parse(this.text());
      } catch {
        this.decoded = undefined;
      }
    }
    return this.decoded;
  }
}
