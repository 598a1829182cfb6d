/** The requests of a connection: which wait for their turn, which are open, and what of their content waits for a window. */
import { ErrorCode, ProtocolError } from "./errors.ts";
import { INITIAL_WINDOW, widened } from "./flow.ts";
import { Flag, FrameType, resetFrame } from "./frames.ts";
import type { Outbox } from "./outbox.ts";
import type { PeerSettings } from "./settings.ts";
import { type Closing, Stream, type StreamListener } from "./stream.ts";

/** Streams of clients have odd numbers (RFC 9113 5.1.1). */
const LAST_ID = 2 ** 31 - 1;

/** What they ask of their connection. */
export interface Wire {
  readonly outbox: Outbox;
  readonly settings: PeerSettings;
  /** Takes requests now: it is open, and its socket is not behind. */
  isFree(): boolean;
  /** Something was put into the outbox. */
  wrote(): void;
  /** No number is left for another stream (RFC 9113 5.1.1). */
  usedUp(): void;
}

export class Requests {
  private readonly wire: Wire;
  private readonly open = new Map<number, Stream>();
  private readonly waiting = new Set<Stream>();
  private readonly blocked = new Set<Stream>();
  private sendWindow = INITIAL_WINDOW;
  private nextId: number;

  constructor(wire: Wire, firstId = 1) {
    this.wire = wire;
    this.nextId = firstId;
  }

  /** Streams that are open, and those that wait. */
  get count(): number {
    return this.open.size + this.waiting.size;
  }

  /** Undefined where it is over; throws a ProtocolError where nobody opened such a one (RFC 9113 5.1). */
  find(id: number): Stream | undefined {
    const stream = this.open.get(id);
    if (stream === undefined && (id % 2 === 0 || id >= this.nextId))
      throw new ProtocolError(ErrorCode.PROTOCOL_ERROR, `a frame of stream ${id}, which nobody opened (5.1)`);
    return stream;
  }

  /** `request` is its HEADERS, as `headersFrames` makes them: they are sent at once, or when there is room. */
  start(listener: StreamListener, request: Buffer): Stream {
    const stream = new Stream(listener, request);
    if (this.waiting.size === 0 && this.hasRoom()) this.launch(stream);
    else this.waiting.add(stream);
    return stream;
  }

  send(stream: Stream, bytes: Buffer, end: boolean): void {
    if (stream.over || stream.sentEnd) return;
    const { length } = bytes;
    if (stream.id !== 0 && stream.unsent === null && length <= this.windowOf(stream)) {
      this.write(stream, bytes, end);
      stream.listener.sent();
    } else {
      stream.unsent ??= [];
      stream.unsent.push({ bytes, at: 0, end });
      if (stream.id !== 0) this.pump(stream);
    }
  }

  /** Forgets a stream. Where the peer does not know of its end, it is told by RST_STREAM. */
  drop(stream: Stream, code: number): void {
    if (stream.over) return;
    const isKnown = stream.id !== 0;
    this.forget(stream);
    if (!isKnown) return;
    this.wire.outbox.put(resetFrame(stream.id, code));
    this.wire.wrote();
    this.proceed();
  }

  /** The peer's last word on a stream. */
  close(stream: Stream, closing: Closing): void {
    if (stream.over) return;
    this.forget(stream);
    stream.listener.closed(closing);
    this.proceed();
  }

  /** The connection's last word: on all streams, or on those above a number; then those that wait go elsewhere. */
  closeAll(closing: Closing, above = 0): void {
    for (const stream of [...this.open.values()].filter(({ id }) => id > above)) this.close(stream, closing);
    this.handBack();
  }

  handBack(): void {
    for (const stream of [...this.waiting]) this.close(stream, { kind: "unsent" });
  }

  /** WINDOW_UPDATE (RFC 9113 6.9). */
  widen(id: number, increment: number): void {
    if (increment === 0) throw new ProtocolError(ErrorCode.PROTOCOL_ERROR, "a WINDOW_UPDATE of nothing (6.9)");
    if (id === 0) this.sendWindow = widened(this.sendWindow, increment);
    else {
      const stream = this.find(id);
      if (stream === undefined) return;
      stream.sendWindow = widened(stream.sendWindow, increment);
    }
    this.pumpBlocked();
  }

  /** SETTINGS_INITIAL_WINDOW_SIZE counts for open streams too (RFC 9113 6.9.2). */
  widenAll(by: number): void {
    for (const stream of this.open.values()) stream.sendWindow = widened(stream.sendWindow, by);
    this.pumpBlocked();
  }

  /** Starts those whose turn has come. */
  proceed(): void {
    for (const stream of this.waiting) {
      if (!this.hasRoom()) return;
      this.waiting.delete(stream);
      this.launch(stream);
    }
  }

  private hasRoom(): boolean {
    return this.wire.isFree() && this.open.size < this.wire.settings.maxStreams;
  }

  private launch(stream: Stream): void {
    const { wire } = this;
    stream.id = this.nextId;
    this.nextId += 2;
    stream.sendWindow = wire.settings.window;
    this.open.set(stream.id, stream);
    wire.outbox.putFrames(stream.request, stream.id);
    wire.wrote();
    this.pump(stream);
    if (this.nextId > LAST_ID) wire.usedUp();
  }

  private forget(stream: Stream): void {
    stream.over = true;
    this.open.delete(stream.id);
    this.waiting.delete(stream);
    this.blocked.delete(stream);
  }

  /** Bytes that one frame may hold now. */
  private windowOf(stream: Stream): number {
    return Math.min(stream.sendWindow, this.sendWindow, this.wire.settings.maxPayload);
  }

  private write(stream: Stream, bytes: Uint8Array, end: boolean): void {
    const { outbox } = this.wire;
    outbox.putHead(FrameType.DATA, end ? Flag.END_STREAM : 0, stream.id, bytes.length);
    outbox.put(bytes);
    stream.sendWindow -= bytes.length;
    this.sendWindow -= bytes.length;
    stream.sentEnd = end;
    this.wire.wrote();
  }

  private pump(stream: Stream): void {
    const { unsent } = stream;
    if (unsent === null) return;
    for (let part = unsent[0]; part !== undefined; part = unsent[0]) {
      const left = part.bytes.length - part.at;
      const size = Math.min(left, this.windowOf(stream));
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

  private pumpBlocked(): void {
    for (const stream of [...this.blocked]) this.pump(stream);
  }
}
