/** The fast driver: a WebSocket by our own frames over Node's sockets (RFC 6455). */
import type { Socket } from "node:net";
import type { Ending } from "../../failure.ts";
import { dial } from "../../wire/dial.ts";
import { InvalidAnswer } from "../../wire/http1/head.ts";
import { invalidAnswer } from "../../wire/lost.ts";
import { closed, unopened } from "../close.ts";
import { type Asked, CLOSE_TIMEOUT, type Link, type Told, type Way } from "../link.ts";
import { goodbyeOf } from "./close_codes.ts";
import { type Found, FrameReader } from "./frame_reader.ts";
import { closeFrame, frameOf } from "./frames.ts";
import { Handshake } from "./handshake.ts";
import { InvalidFrame } from "./invalid_frame.ts";
import { Opcode } from "./opcodes.ts";

/** Of a whole thread: what was read is taken before the next read. */
const READ_BUFFER = Buffer.allocUnsafeSlow(64 * 1024);
/** Nobody said goodbye (RFC 6455 7.1.5). */
const ABNORMAL = 1006;
const NORMAL = 1000;
const LOST = closed(ABNORMAL, "");
const LET_GO: Ending = { outcome: "aborted", status: "", message: "" };

/**
 * `closing`: we said goodbye, and listen until the server does. `over`: what comes now matters no more; the socket may
 * still close in good order.
 */
type Stage = "opening" | "open" | "closing" | "over";

export const openFastLink = (way: Way, asked: Asked, told: Told): Link => new FastLink(way, asked, told);

class FastLink implements Link {
  isConnected = false;
  bytesRead = 0;
  private readonly told: Told;
  private readonly reader = new FrameReader();
  private readonly socket: Socket;
  private handshake: Handshake | null;
  private stage: Stage = "opening";

  constructor({ address, tls, subprotocols }: Way, asked: Asked, told: Told) {
    this.told = told;
    this.handshake = new Handshake(asked, subprotocols);
    this.socket = dial(
      address,
      { tls, proxyFor: () => null },
      {
        reads: {
          onread: { buffer: READ_BUFFER, callback: (length) => this.read(READ_BUFFER, length) },
          allowHalfOpen: true,
        },
        reached: () => {},
        ready: () => this.ask(),
        fail: (error) => this.lose(error),
      },
    )
      .once("end", () => this.hangUp())
      .once("close", () => this.leave());
  }

  get isOpen(): boolean {
    return this.stage === "open";
  }

  send({ data, binary }: { data: Buffer | string; binary: boolean }, written: (() => void) | null): number {
    const frame = frameOf(binary ? Opcode.BINARY : Opcode.TEXT, data);
    if (written === null) this.socket.write(frame);
    else this.socket.write(frame, (error) => error ?? written());
    return frame.length;
  }

  ping(): number {
    const frame = frameOf(Opcode.PING, "");
    this.socket.write(frame);
    return frame.length;
  }

  close(): void {
    if (this.stage === "opening") this.end(LET_GO);
    if (this.stage !== "open") return;
    this.stage = "closing";
    this.socket.write(closeFrame(NORMAL));
    this.expectClose();
  }

  terminate(): void {
    this.stage = "over";
    this.socket.destroy();
  }

  onceGone(fn: () => void): void {
    this.socket.once("close", fn);
  }

  private ask(): void {
    this.isConnected = true;
    this.socket.write(this.handshake!.request, "latin1");
  }

  private read(bytes: Buffer, length: number): true {
    this.bytesRead += length;
    try {
      if (this.stage === "opening") this.answered(bytes, length);
      else this.take(bytes, length);
    } catch (error) {
      if (error instanceof InvalidFrame) this.socket.write(closeFrame(error.closeCode));
      else if (!(error instanceof InvalidAnswer)) throw error;
      this.end(invalidAnswer(error));
    }
    return true;
  }

  private answered(bytes: Buffer, length: number): void {
    const handshake = this.handshake!;
    if (!handshake.feed(bytes, length)) return;
    const refusal = handshake.refusal();
    if (refusal !== null) {
      this.end(refusal);
      return;
    }
    this.handshake = null;
    this.stage = "open";
    this.told.opened(handshake.request.length);
    this.take(handshake.rest, handshake.rest.length);
  }

  /** What the messages of one read are answered by goes out in one write. */
  private take(bytes: Buffer, length: number): void {
    const { reader, socket } = this;
    reader.feed(bytes, length);
    try {
      while (this.stage !== "over") {
        const found = reader.next();
        if (found === "nothing") break;
        if (reader.hasMore && socket.writableCorked === 0) socket.cork();
        this.hear(found);
      }
    } finally {
      if (socket.writableCorked > 0) socket.uncork();
    }
  }

  private hear(found: Exclude<Found, "nothing">): void {
    const { reader } = this;
    if (found === "message") this.told.message(reader.bytes, reader.from, reader.to);
    else if (found === "ping") this.socket.write(frameOf(Opcode.PONG, reader.payload));
    else if (found === "pong") this.told.pong();
    else this.takeLeave(reader.payload);
  }

  /** The server said goodbye, and is told the same; it then closes first (RFC 6455 5.5.1 and 7.1.1). */
  private takeLeave(data: Buffer): void {
    const { socket } = this;
    const { code, reason } = goodbyeOf(data);
    if (this.stage === "open") {
      socket.write(frameOf(Opcode.CLOSE, data));
      this.expectClose();
    }
    this.stage = "over";
    socket.end();
    this.told.ended(closed(code, reason));
  }

  /** The timer is Node's own, and holds nobody up. */
  private expectClose(): void {
    const { socket } = this;
    const timer = AbortSignal.timeout(CLOSE_TIMEOUT);
    const drop = () => socket.destroy();
    timer.addEventListener("abort", drop, { once: true });
    socket.once("close", () => timer.removeEventListener("abort", drop));
  }

  /** The server says that no more will come. */
  private hangUp(): void {
    if (this.stage === "over") this.socket.destroy();
    else this.end(this.stage === "opening" ? UNANSWERED : LOST);
  }

  private lose(error: Error): void {
    if (this.stage === "over") return;
    if (this.stage !== "opening") this.end(LOST);
    else this.end(unopened(error, this.isConnected));
  }

  private leave(): void {
    this.told.gone();
    if (this.stage !== "over") this.end(LOST);
  }

  private end(ending: Ending): void {
    this.terminate();
    this.told.ended(ending);
  }
}

const UNANSWERED: Ending = {
  outcome: "reset",
  status: "ECONNRESET",
  message: "the server closed the connection before it answered the upgrade",
};
