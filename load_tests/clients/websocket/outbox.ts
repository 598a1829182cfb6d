/** Messages that were sent and wait for their replies, in the order in which they were sent. */
import type { Call } from "../../core/plugin.ts";
import type { Message } from "./message.ts";

/** A message to send, and what answers it. */
export interface Sending {
  readonly data: Buffer | string;
  readonly binary: boolean;
  /** How many replies end the call; with 0 it ends when the message is written. */
  readonly replies: number;
  readonly accepts: (message: Message) => boolean;
  /** Whether a field says what answers it; else any message does. */
  readonly byField: boolean;
  /** Whether the answer is looked at after the call. */
  readonly keeps: boolean;
}

export interface Outstanding {
  readonly call: Call;
  readonly sending: Sending;
  /** Replies still to come. */
  left: number;
  /** Bytes of those that came. */
  size: number;
}

export class Outbox {
  private entries: Outstanding[] = [];

  get first(): Outstanding | undefined {
    return this.entries[0];
  }

  add(call: Call, sending: Sending): Outstanding {
    const entry = { call, sending, left: sending.replies, size: 0 };
    this.entries.push(entry);
    return entry;
  }

  /** The oldest that this message answers; one that came unasked answers by a field only. */
  match(message: Message, unasked: boolean): Outstanding | undefined {
    return this.entries.find(
      ({ sending }) => sending.replies > 0 && (sending.byField || !unasked) && sending.accepts(message),
    );
  }

  /** Whether it was still there. */
  remove(entry: Outstanding): boolean {
    const index = this.entries.indexOf(entry);
    if (index >= 0) this.entries.splice(index, 1);
    return index >= 0;
  }

  /** Takes all calls out. */
  empty(): Call[] {
    return this.entries.splice(0).map(({ call }) => call);
  }
}
