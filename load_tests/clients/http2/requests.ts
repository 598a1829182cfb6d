/** The requests of a connection: which wait for their turn, and which are open. */
import { Queue } from "../../core/queue.ts";
import { Contents, type Outlet } from "./contents.ts";
import { ErrorCode, ProtocolError } from "./errors.ts";
import { resetFrame } from "./frames.ts";
import { type Head, HeadWriter } from "./head_writer.ts";
import { OpenStreams } from "./open_streams.ts";
import { type Closing, Stream, type StreamError, type StreamListener } from "./stream.ts";

/** Streams of clients have odd numbers (RFC 9113 5.1.1). */
const LAST_ID = 2 ** 31 - 1;

/** What they ask of their connection. */
export interface Wire extends Outlet {
  /** Takes requests now: it is open, and its socket is not behind. */
  isFree(): boolean;
  /** No number is left for another stream (RFC 9113 5.1.1). */
  usedUp(): void;
}

export class Requests {
  private readonly wire: Wire;
  private readonly contents: Contents;
  private readonly heads: HeadWriter;
  private readonly open = new OpenStreams();
  private readonly waiting = new Queue<Stream>();
  private nextId: number;

  constructor(wire: Wire, firstId = 1) {
    this.wire = wire;
    this.contents = new Contents(wire);
    this.heads = new HeadWriter(wire.settings);
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

  /** Its head is sent at once, or when there is room. */
  start(listener: StreamListener, request: Head): Stream {
    const stream = new Stream(listener, request);
    if (this.waiting.size === 0 && this.hasRoom()) this.launch(stream);
    else stream.place = this.waiting.join(stream);
    return stream;
  }

  send(stream: Stream, bytes: Buffer, end: boolean): void {
    this.contents.send(stream, bytes, end);
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

  /** A stream error (RFC 9113 5.4.2): the peer is told, and who asked. */
  breakOff({ stream, code, message }: StreamError): void {
    this.drop(stream, code);
    stream.listener.closed({ kind: "broken", message });
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
    for (const stream of this.open.all()) if (stream.id > above) this.close(stream, closing);
    this.handBack();
  }

  handBack(): void {
    for (let count = this.waiting.size; count > 0 && this.waiting.first !== null; count--)
      this.close(this.waiting.first.value, { kind: "unsent" });
  }

  /** WINDOW_UPDATE (RFC 9113 6.9), of stream 0 for the connection. */
  widen(id: number, increment: number): void {
    const stream = id === 0 ? null : this.find(id);
    if (stream === null) this.contents.widen(increment);
    else if (stream !== undefined) this.contents.widenOf(stream, increment);
  }

  widenAll(by: number): void {
    this.contents.widenAll(this.open.all(), by);
  }

  /** Starts those whose turn has come. */
  proceed(): void {
    for (let place = this.waiting.first; place !== null && this.hasRoom(); place = this.waiting.first) {
      this.waiting.leave(place);
      this.launch(place.value);
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
    this.open.add(stream);
    wire.outbox.putFrames(this.heads.frames(stream.request), stream.id);
    wire.wrote();
    this.contents.pump(stream);
    if (this.nextId > LAST_ID) wire.usedUp();
  }

  private forget(stream: Stream): void {
    stream.over = true;
    this.open.delete(stream);
    if (stream.place !== null) this.waiting.leave(stream.place);
    this.contents.forget(stream);
  }
}
