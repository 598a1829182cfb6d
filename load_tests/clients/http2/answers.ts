/** The frames of answers (RFC 9113 8.1), told to who asked. */
import { checkLength, takeContent, takeFields } from "./answer_rules.ts";
import { ErrorCode } from "./errors.ts";
import { contentEnd, contentStart } from "./frame_rules.ts";
import { Flag, type Frame, FrameType, resetFrame, windowUpdateFrame } from "./frames.ts";
import { type Block, HeaderBlocks } from "./header_blocks.ts";
import { HeaderDecoder } from "./hpack_decoder.ts";
import type { Requests } from "./requests.ts";
import { STREAM_WINDOW, type Stream } from "./stream.ts";

/** Bytes that may be under way to us on all streams of a connection. */
export const CONNECTION_WINDOW = 2 ** 30;
/** Bytes of the fields of one block. */
export const MAX_HEADER_LIST = 65_536;

export class Answers {
  private readonly requests: Requests;
  private readonly write: (frame: Buffer) => void;
  private readonly decoder = new HeaderDecoder(MAX_HEADER_LIST);
  private readonly blocks = new HeaderBlocks();
  /** Bytes that came since we last widened the connection's window. */
  private ungranted = 0;

  constructor(requests: Requests, write: (frame: Buffer) => void) {
    this.requests = requests;
    this.write = write;
  }

  /** Throws a ProtocolError where a frame comes between those of a header block (6.10). */
  expect(frame: Frame): void {
    this.blocks.expect(frame);
  }

  /** Whether frames of a type are of an answer. */
  has(type: number): boolean {
    return type <= FrameType.RST_STREAM ? type !== FrameType.PRIORITY : type === FrameType.CONTINUATION;
  }

  /** Throws a StreamError where an answer breaks a rule. */
  take(frame: Frame): void {
    if (frame.type === FrameType.DATA) this.onData(frame);
    else if (frame.type === FrameType.RST_STREAM) this.onReset(frame);
    else {
      const block = this.blocks.add(frame);
      if (block !== null) this.onBlock(block);
    }
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
    this.requests.close(stream, { kind: "ended" });
  }

  private onReset({ stream: id, bytes, from }: Frame): void {
    const stream = this.requests.find(id);
    if (stream !== undefined) this.requests.close(stream, { kind: "reset", code: bytes.readUInt32BE(from) });
  }

  /** Widens a window once half of it came: what comes is taken at once. Gives what is still to be granted. */
  private grant(stream: number, ungranted: number, window: number): number {
    if (ungranted < window / 2) return ungranted;
    this.write(windowUpdateFrame(stream, ungranted));
    return 0;
  }
}
