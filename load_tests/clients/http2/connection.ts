/** A client's connection of HTTP/2 (RFC 9113) over a socket of its own: it has no timer, and tells all by its events. */
import type { Socket } from "node:net";
import { Answers, CONNECTION_WINDOW, MAX_HEADER_LIST } from "./answers.ts";
import { dial, type Place } from "./dial.ts";
import { ErrorCode, ProtocolError } from "./errors.ts";
import { INITIAL_WINDOW } from "./flow.ts";
import { checkFrame } from "./frame_rules.ts";
import {
  Flag,
  type Frame,
  FrameReader,
  FrameType,
  frame as frameOf,
  goAwayFrame,
  settingsFrame,
  streamAt,
  windowUpdateFrame,
} from "./frames.ts";
import { Outbox } from "./outbox.ts";
import { Requests } from "./requests.ts";
import { applySettings, initialSettings, Setting } from "./settings.ts";
import { STREAM_WINDOW, type Stream, type StreamListener } from "./stream.ts";
import { atEndOfTurn } from "./turn.ts";
import { expelled, otherProtocol } from "./words.ts";

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
  private readonly answers: Answers;
  private readonly settings = initialSettings();
  private error: Error | null = null;
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
    const isFree = () => this.state === "ready" && socket.writableLength + outbox.size < BEHIND;
    const wire = { outbox, settings, isFree, wrote: () => this.wrote(), usedUp: () => this.retire() };
    this.requests = new Requests(wire, firstId);
    this.answers = new Answers(this.requests, (frame) => this.write(frame));
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
    if (this.state === "closed") return;
    this.outbox.flush();
    this.requests.proceed();
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
    this.answers.expect(frame);
    checkFrame(frame);
    this.take(frame);
    this.closeIfLeft();
  }

  private take(frame: Frame): void {
    const { type } = frame;
    if (type === FrameType.WINDOW_UPDATE) this.requests.widen(frame.stream, streamAt(frame.bytes, frame.from));
    else if (type === FrameType.SETTINGS) this.onSettings(frame);
    else if (type === FrameType.PING) this.onPing(frame);
    else if (type === FrameType.GOAWAY) this.onGoAway(frame);
    else if (type === FrameType.PUSH_PROMISE)
      throw new ProtocolError(ErrorCode.PROTOCOL_ERROR, "a push, which was refused (6.6)");
    else if (type <= FrameType.CONTINUATION && type !== FrameType.PRIORITY) this.answers.take(frame);
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
