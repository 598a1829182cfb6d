/** A client's connection of HTTP/2 (RFC 9113) over a socket of its own: it has no timer, and tells all by its events. */
import type { Socket } from "node:net";
import { Answers } from "./answers.ts";
import { Control } from "./control.ts";
import { dial, type Place } from "./dial.ts";
import { ErrorCode, ProtocolError } from "./errors.ts";
import { FrameReader } from "./frame_reader.ts";
import { checkFrame } from "./frame_rules.ts";
import { type Frame, FrameType, goAwayFrame } from "./frames.ts";
import type { Head } from "./head_writer.ts";
import { Outbox } from "./outbox.ts";
import { PREFACE } from "./preface.ts";
import { Requests } from "./requests.ts";
import { initialSettings } from "./settings.ts";
import { type Stream, StreamError, type StreamListener } from "./stream.ts";
import { atEndOfTurn } from "./turn.ts";
import { otherProtocol } from "./words.ts";

/** Bytes that wait in the socket for a peer that reads slowly, before requests wait for them. */
const BEHIND = 1024 * 1024;
/** With so many waiting, the peer asks for answers (to PING, to SETTINGS) that it does not read. */
const DEAF = 16 * BEHIND;

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
  private readonly control: Control;
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
    const settings = initialSettings();
    const isFree = () => this.state === "ready" && this.unread < BEHIND;
    const wire = { outbox: this.outbox, settings, isFree, wrote: () => this.wrote(), usedUp: () => this.retire() };
    this.requests = new Requests(wire, firstId);
    this.answers = new Answers(this.requests, (frame) => this.write(frame));
    this.control = new Control(this, this.requests, settings);
    this.listen(connected);
  }

  start(listener: StreamListener, request: Head): Stream {
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

  greeted(): void {
    if (this.state !== "opening") return;
    this.state = "ready";
    this.events.ready();
  }

  reply(bytes: Buffer): void {
    if (this.unread > DEAF)
      throw new ProtocolError(ErrorCode.ENHANCE_YOUR_CALM, "more PING and SETTINGS than answers are read");
    this.write(bytes);
  }

  leave(): void {
    if (this.state !== "ready") return;
    this.state = "leaving";
    this.events.leaving();
  }

  fail(error: Error): void {
    if (this.state === "closed") return;
    this.state = "closed";
    this.socket.destroy();
    this.events.closed(error);
    this.requests.closeAll(
      error instanceof ProtocolError ? { kind: "broken", message: error.message } : { kind: "lost", error },
    );
  }

  private listen(connected: string): void {
    const drop = () => this.fail(this.error ?? new Error("Connection dropped"));
    this.socket
      .once(connected, () => this.write(PREFACE))
      .on("drain", () => this.requests.proceed())
      .on("error", (error) => {
        this.error ??= error;
      })
      .on("end", drop)
      .on("close", drop);
  }

  /** Bytes that the peer has not taken. */
  private get unread(): number {
    return this.socket.writableLength + this.outbox.size;
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
    try {
      if (this.answers.has(frame.type)) this.answers.take(frame);
      else this.control.take(frame);
    } catch (error) {
      if (!(error instanceof StreamError)) throw error;
      this.requests.breakOff(error);
    }
    this.closeIfLeft();
  }

  private retire(): void {
    this.leave();
    this.requests.handBack();
  }

  private closeIfLeft(): void {
    if (this.state === "leaving" && this.requests.count === 0) this.close();
  }

  private breakOff(error: ProtocolError): void {
    this.outbox.put(goAwayFrame(error.code, error.message));
    this.outbox.flush();
    this.fail(error);
  }
}
