/** A WebSocket message that came, as an answer; decoded only where somebody asks. */
import type { Answer } from "../../core/plugin.ts";

/** An answered message has no status of its own. */
export const ANSWERED = "OK";

export class Message implements Answer {
  readonly status = ANSWERED;
  /** Bytes of all messages of the reply, this one the last. */
  size: number;
  private readonly data: Buffer;
  private decoded: unknown;
  private isDecoded = false;

  constructor(data: Buffer) {
    this.data = data;
    this.size = data.length;
  }

  header(): undefined {
    return undefined;
  }

  text(): string {
    return this.data.toString("utf8");
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
