/** The content of requests: it goes out as far as the peer's windows let it (RFC 9113 6.9). */
import { ProtocolError } from "./errors.ts";
import { INITIAL_WINDOW, updated, widened } from "./flow.ts";
import { Flag, FrameType } from "./frames.ts";
import type { Outbox } from "./outbox.ts";
import type { PeerSettings } from "./settings.ts";
import { type Stream, StreamError } from "./stream.ts";

/** Where it goes. */
export interface Outlet {
  readonly outbox: Outbox;
  readonly settings: PeerSettings;
  /** Something was put into the outbox. */
  wrote(): void;
}

export class Contents {
  private readonly outlet: Outlet;
  /** Those that wait for a window. */
  private readonly blocked = new Set<Stream>();
  /** Of the connection. */
  private window = INITIAL_WINDOW;

  constructor(outlet: Outlet) {
    this.outlet = outlet;
  }

  send(stream: Stream, bytes: Buffer, end: boolean): void {
    if (stream.over || stream.sentEnd) return;
    if (stream.id !== 0 && stream.unsent === null && bytes.length <= this.roomOf(stream)) {
      this.write(stream, bytes, end);
      stream.listener.sent();
    } else {
      stream.unsent ??= [];
      stream.unsent.push({ bytes, at: 0, end });
      if (stream.id !== 0) this.pump(stream);
    }
  }

  /** Sends what there is room for. */
  pump(stream: Stream): void {
    const { unsent } = stream;
    if (unsent === null) return;
    for (let part = unsent[0]; part !== undefined; part = unsent[0]) {
      const left = part.bytes.length - part.at;
      const size = Math.min(left, this.roomOf(stream));
      if (size <= 0 && left > 0) {
        this.blocked.add(stream);
        return;
      }
      this.write(stream, part.bytes.subarray(part.at, part.at + size), part.end && size === left);
      part.at += size;
      if (size < left) continue;
      unsent.shift();
      stream.listener.sent();
    }
    stream.unsent = null;
    this.blocked.delete(stream);
  }

  forget(stream: Stream): void {
    this.blocked.delete(stream);
  }

  /** A WINDOW_UPDATE of the connection. */
  widen(increment: number): void {
    this.window = updated(this.window, increment);
    this.pumpBlocked();
  }

  /** A WINDOW_UPDATE of a stream; throws a StreamError where it is wrong. */
  widenOf(stream: Stream, increment: number): void {
    try {
      stream.sendWindow = updated(stream.sendWindow, increment);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      throw new StreamError(stream, error.code, error.message);
    }
    this.pumpBlocked();
  }

  /** SETTINGS_INITIAL_WINDOW_SIZE counts for open streams too (6.9.2). */
  widenAll(streams: readonly Stream[], by: number): void {
    for (const stream of streams) stream.sendWindow = widened(stream.sendWindow, by);
    this.pumpBlocked();
  }

  /** Bytes that one frame may hold now. */
  private roomOf(stream: Stream): number {
    return Math.min(stream.sendWindow, this.window, this.outlet.settings.maxPayload);
  }

  private write(stream: Stream, bytes: Uint8Array, end: boolean): void {
    const { outbox } = this.outlet;
    outbox.putHead(FrameType.DATA, end ? Flag.END_STREAM : 0, stream.id, bytes.length);
    outbox.put(bytes);
    stream.sendWindow -= bytes.length;
    this.window -= bytes.length;
    stream.sentEnd = end;
    this.outlet.wrote();
  }

  private pumpBlocked(): void {
    for (const stream of [...this.blocked]) this.pump(stream);
  }
}
