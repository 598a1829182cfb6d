/** The messages of a call on their way out. */
import type { Call } from "../../../core/plugin.ts";
import type { Connection } from "../../http2/connection.ts";
import type { Stream } from "../../http2/stream.ts";

/** A message that goes out: in its frame, and the bytes that it has without. */
export interface OutgoingMessage {
  readonly frame: Buffer;
  readonly size: number;
}

/** Each is counted as sent once, when it has gone out whole, however often the call is sent again. */
export class Upload {
  private readonly messages: readonly OutgoingMessage[];
  private readonly call: Call;
  /** Messages that are due, that were given to the stream at hand, that went out on it, and that were ever counted. */
  private due = 0;
  private given = 0;
  private gone = 0;
  private counted = 0;

  constructor(messages: readonly OutgoingMessage[], call: Call) {
    this.messages = messages;
    this.call = call;
  }

  get count(): number {
    return this.messages.length;
  }

  /** So many more are due. */
  release(count: number): void {
    this.due += count;
  }

  /** Gives a stream what is due. */
  write(connection: Connection, stream: Stream): void {
    const { messages } = this;
    while (this.given < this.due) {
      const { frame } = messages[this.given++]!;
      connection.send(stream, frame, this.given === messages.length);
    }
  }

  /** The next message has gone out. */
  sent(): void {
    if (++this.gone <= this.counted) return;
    this.counted++;
    this.call.sent(this.messages[this.gone - 1]!.size);
  }

  /** All goes over another stream. */
  rewind(): void {
    this.given = this.gone = 0;
  }
}
