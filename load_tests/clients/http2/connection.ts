/** A client's connection of HTTP/2 (RFC 9113) over a socket of its own: it has no timer, and tells all by its events. */
import type { Socket } from "node:net";
import { checkLength, Malformed, takeContent, takeFields } from "./answer_rules.ts";
import { dial, type Place } from "./dial.ts";
import { ErrorCode, ProtocolError } from "./errors.ts";
import { INITIAL_WINDOW } from "./flow.ts";
import { checkFrame, contentEnd, contentStart } from "./frame_rules.ts";
import {
  Flag,
  type Frame,
  FrameReader,
  FrameType,
  frame as frameOf,
  goAwayFrame,
  resetFrame,
  settingsFrame,
  streamAt,
  windowUpdateFrame,
} from "./frames.ts";
import { type Block, HeaderBlocks } from "./header_blocks.ts";
import { HeaderDecoder } from "./hpack_decoder.ts";
import { Outbox } from "./outbox.ts";
import { Requests } from "./requests.ts";
import { applySettings, initialSettings, Setting } from "./settings.ts";
import { type Closing, STREAM_WINDOW, type Stream, type StreamListener } from "./stream.ts";
import { atEndOfTurn } from "./turn.ts";
import { expelled, otherProtocol } from "./words.ts";

/** Bytes that may be under way to us on all streams. */
const CONNECTION_WINDOW = 2 ** 30;
/** Bytes of the fields of one block. */
const MAX_HEADER_LIST = 65_536;
/** Bytes that wait in the socket for a peer that reads slowly, before requests wait for them. */
const BEHIND = 1024 * 1024;
/** With so many waiting, the peer asks for answers (to PING, to SETTINGS) that it does not read. */
const DEAF = 16 * BEHIND;

const PREFACE = Buffer.concat([
  Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), // 3.4
  settingsFrame([
    [Setting.ENABLE_PUSH, 0],
    [Setting.INITIAL_WINDOW_SIZE, STREAM_WINDOW],
    [Setting.MAX_HEADER_LIST_SIZE, MAX_HEADER_LIST],
  ]),
  windowUpdateFrame(0, CONNECTION_WINDOW - INITIAL_WINDOW),
]);
const SETTINGS_ACK = frameOf(FrameType.SETTINGS, Flag.ACK, Buffer.alloc(0));

export interface ConnectionEvents {
  /** The peer's SETTINGS came: it speaks HTTP/2. */
  ready(): void;
  /** It takes no new requests; those that are open go on. */
  leaving(): void;
  /** It is gone; its streams are told next. */
  closed(error: Error): void;
}

export class Connection {
  state: "opening" | "ready" | "leaving" | "closed" = "opening";
  private readonly events: ConnectionEvents;
  private readonly socket: Socket;
  private readonly outbox: Outbox;
  private readonly requests: Requests;
  private readonly reader = new FrameReader((frame) => this.onFrame(frame));
  private readonly decoder = new HeaderDecoder(MAX_HEADER_LIST);
  private readonly blocks = new HeaderBlocks();
  private readonly settings = initialSettings();
  private error: Error | null = null;
  /** Bytes that came since we last widened the connection's window. */
  private ungranted = 0;
  /** A flush will come: at the end of this read, or of this turn. */
  private flushes = false;

  constructor(place: Place, events: ConnectionEvents, firstId = 1) {
    this.events = events;
    const { socket, connected } = dial(place, (bytes, length) => this.onRead(bytes, length));
    this.socket = socket;
    this.outbox = new Outbox((bytes) => {
      socket.write(bytes);
      return socket.writableLength === 0;
    });
    const { outbox, settings } = this;
    const isFree = () => this.state === "ready" && socket.writableLength < BEHIND;
    const wire = { outbox, settings, isFree, wrote: () => this.wrote(), usedUp: () => this.retire() };
    this.requests = new Requests(wire, firstId);
    socket
      .once(connected, () => this.write(PREFACE))
      .on("drain", () => this.requests.proceed())
      .on("error", (error) => {
        this.error ??= error;
      })
      .on("end", () => this.fail(this.error ?? new Error("Connection dropped")))
      .on("close", () => this.fail(this.error ?? new Error("Connection dropped")));
  }

  start(listener: StreamListener, request: Buffer): Stream {
    return this.requests.start(listener, request);
  }

  send(stream: Stream, bytes: Buffer, end: boolean): void {
    this.requests.send(stream, bytes, end);
  }

  /** The request is of no interest any more. */
  cancel(stream: Stream, code: number = ErrorCode.CANCEL): void {
    this.requests.drop(stream, code);
    this.closeIfLeft();
  }

  /** What is written goes out as far as the peer takes it now. */
  close(): void {
    if (this.state === "closed") return;
    this.outbox.put(goAwayFrame(ErrorCode.NO_ERROR, ""));
    this.outbox.flush();
    this.fail(new Error("the connection was closed"));
  }

  private write(bytes: Buffer): void {
    this.outbox.put(bytes);
    this.wrote();
  }

  private wrote(): void {
    if (this.flushes) return;
    this.flushes = true;
    atEndOfTurn(this.flush);
  }

  private readonly flush = (): void => {
    this.flushes = false;
    if (this.state !== "closed") this.outbox.flush();
  };

  private onRead(bytes: Buffer, length: number): void {
    if (this.state === "closed") return;
    const scheduled = this.flushes;
    this.flushes = true;
    try {
      this.reader.feed(bytes, length);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.breakOff(
        this.state === "opening"
          ? new ProtocolError(error.code, otherProtocol(bytes.subarray(0, length), error))
          : error,
      );
    }
    this.flush();
    this.flushes = scheduled;
  }

  private onFrame(frame: Frame): void {
    if (this.state === "closed") return;
    if (this.state === "opening" && (frame.type !== FrameType.SETTINGS || frame.flags !== 0))
      throw new ProtocolError(ErrorCode.PROTOCOL_ERROR, "a first frame that is not SETTINGS (3.4)");
    this.blocks.expect(frame);
    checkFrame(frame);
    try {
      this.take(frame);
    } catch (error) {
      if (!(error instanceof Malformed)) throw error;
      this.requests.drop(error.stream, ErrorCode.PROTOCOL_ERROR);
      error.stream.listener.closed({ kind: "broken", message: error.message });
      this.closeIfLeft();
    }
  }

  private take(frame: Frame): void {
    const { type } = frame;
    if (type === FrameType.DATA) this.onData(frame);
    else if (type === FrameType.HEADERS || type === FrameType.CONTINUATION) {
      const block = this.blocks.add(frame);
      if (block !== null) this.onBlock(block);
    } else if (type === FrameType.WINDOW_UPDATE) this.requests.widen(frame.stream, streamAt(frame.bytes, frame.from));
    else if (type === FrameType.RST_STREAM) this.onReset(frame);
    else if (type === FrameType.PING) this.onPing(frame);
    else if (type === FrameType.SETTINGS) this.onSettings(frame);
    else if (type === FrameType.GOAWAY) this.onGoAway(frame);
    else if (type === FrameType.PUSH_PROMISE)
      throw new ProtocolError(ErrorCode.PROTOCOL_ERROR, "a push, which was refused (6.6)");
  }

  /** The windows count padding too (6.9.1), that of the connection also what comes for streams that are over. */
  private onData(frame: Frame): void {
    const size = frame.to - frame.from;
    this.ungranted = this.grant(0, this.ungranted + size, CONNECTION_WINDOW);
    const stream = this.requests.find(frame.stream);
    const from = contentStart(frame);
    const to = contentEnd(frame);
    if (stream === undefined) return;
    const isEnd = (frame.flags & Flag.END_STREAM) !== 0;
    if (!isEnd) stream.ungranted = this.grant(stream.id, stream.ungranted + size, STREAM_WINDOW);
    takeContent(stream, to - from);
    if (to > from) stream.listener.data(frame.bytes, from, to);
    if (isEnd && !stream.over) this.finish(stream);
  }

  private onBlock({ stream: id, end, bytes, from, to }: Block): void {
    const fields = this.decoder.decode(bytes, from, to);
    const stream = this.requests.find(id);
    if (stream === undefined) return;
    const kind = takeFields(stream, fields, end);
    if (kind === "head") stream.listener.head(fields, end);
    else if (kind === "trailers") stream.listener.trailers(fields);
    if (end && !stream.over) this.finish(stream);
  }

  private finish(stream: Stream): void {
    checkLength(stream);
    // A request that was not sent to its end has no reader left.
    if (!stream.sentEnd) this.write(resetFrame(stream.id, ErrorCode.NO_ERROR));
    this.closeStream(stream, { kind: "ended" });
  }

  private onReset({ stream: id, bytes, from }: Frame): void {
    const stream = this.requests.find(id);
    if (stream !== undefined) this.closeStream(stream, { kind: "reset", code: bytes.readUInt32BE(from) });
  }

  private closeStream(stream: Stream, closing: Closing): void {
    this.requests.close(stream, closing);
    this.closeIfLeft();
  }

  private onSettings(frame: Frame): void {
    if ((frame.flags & Flag.ACK) !== 0) return;
    const { window } = this.settings;
    applySettings(frame, this.settings);
    this.requests.widenAll(this.settings.window - window);
    this.reply(SETTINGS_ACK);
    if (this.state === "opening") {
      this.state = "ready";
      this.events.ready();
    }
    this.requests.proceed();
  }

  private onPing({ flags, bytes, from, to }: Frame): void {
    if ((flags & Flag.ACK) === 0) this.reply(frameOf(FrameType.PING, Flag.ACK, bytes.subarray(from, to)));
  }

  private reply(bytes: Buffer): void {
    if (this.socket.writableLength + this.outbox.size > DEAF)
      throw new ProtocolError(ErrorCode.ENHANCE_YOUR_CALM, "more PING and SETTINGS than answers are read");
    this.write(bytes);
  }

  private onGoAway({ bytes, from, to }: Frame): void {
    const last = streamAt(bytes, from);
    const code = bytes.readUInt32BE(from + 4);
    this.leave();
    this.requests.closeAll({ kind: "unprocessed" }, last);
    if (code !== ErrorCode.NO_ERROR) this.fail(new Error(expelled(code, bytes.toString("utf8", from + 8, to))));
    else this.closeIfLeft();
  }

  private retire(): void {
    this.leave();
    this.requests.handBack();
  }

  private leave(): void {
    if (this.state !== "ready") return;
    this.state = "leaving";
    this.events.leaving();
  }

  private closeIfLeft(): void {
    if (this.state === "leaving" && this.requests.count === 0) this.close();
  }

  /** Widens a window once half of it came: what comes is taken at once. Gives what is still to be granted. */
  private grant(stream: number, ungranted: number, window: number): number {
    if (ungranted < window / 2) return ungranted;
    this.write(windowUpdateFrame(stream, ungranted));
    return 0;
  }

  private breakOff(error: ProtocolError): void {
    this.outbox.put(goAwayFrame(error.code, error.message));
    this.outbox.flush();
    this.fail(error);
  }

  private fail(error: Error): void {
    if (this.state === "closed") return;
    this.state = "closed";
    this.socket.destroy();
    this.events.closed(error);
    this.requests.closeAll(
      error instanceof ProtocolError ? { kind: "broken", message: error.message } : { kind: "lost", error },
    );
  }
}
