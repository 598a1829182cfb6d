/** The frames that speak of a connection and of room on it, not of an answer (RFC 9113 6.5 to 6.9). */
import { ErrorCode, ProtocolError } from "./errors.ts";
import { Flag, type Frame, FrameType, frame as frameOf, streamAt } from "./frames.ts";
import type { Requests } from "./requests.ts";
import { applySettings, type PeerSettings } from "./settings.ts";
import { expelled } from "./words.ts";

const SETTINGS_ACK = frameOf(FrameType.SETTINGS, Flag.ACK, Buffer.alloc(0));

/** What they do to their connection. */
export interface Controlled {
  /** Answers a question of the peer's. */
  reply(bytes: Buffer): void;
  /** Settings came. */
  greeted(): void;
  /** No new request may go out. */
  leave(): void;
  fail(error: Error): void;
}

export class Control {
  private readonly connection: Controlled;
  private readonly requests: Requests;
  private readonly settings: PeerSettings;

  constructor(connection: Controlled, requests: Requests, settings: PeerSettings) {
    this.connection = connection;
    this.requests = requests;
    this.settings = settings;
  }

  /** Passes over what it does not know (4.1). */
  take(frame: Frame): void {
    const { type } = frame;
    if (type === FrameType.WINDOW_UPDATE) this.requests.widen(frame.stream, streamAt(frame.bytes, frame.from));
    else if (type === FrameType.SETTINGS) this.onSettings(frame);
    else if (type === FrameType.PING) this.onPing(frame);
    else if (type === FrameType.GOAWAY) this.onGoAway(frame);
    else if (type === FrameType.PUSH_PROMISE)
      throw new ProtocolError(ErrorCode.PROTOCOL_ERROR, "a push, which was refused (6.6)");
  }

  private onSettings(frame: Frame): void {
    if ((frame.flags & Flag.ACK) !== 0) return;
    const { settings, requests } = this;
    const { window } = settings;
    applySettings(frame, settings);
    requests.widenAll(settings.window - window);
    this.connection.reply(SETTINGS_ACK);
    this.connection.greeted();
    requests.proceed();
  }

  private onPing({ flags, bytes, from, to }: Frame): void {
    if ((flags & Flag.ACK) === 0) this.connection.reply(frameOf(FrameType.PING, Flag.ACK, bytes.subarray(from, to)));
  }

  /** What the peer has not looked at goes elsewhere (6.8); where it says an error, it hangs up on the rest. */
  private onGoAway({ bytes, from, to }: Frame): void {
    const code = bytes.readUInt32BE(from + 4);
    this.connection.leave();
    this.requests.closeAll({ kind: "unprocessed" }, streamAt(bytes, from));
    if (code !== ErrorCode.NO_ERROR)
      this.connection.fail(new Error(expelled(code, bytes.toString("utf8", from + 8, to))));
  }
}
