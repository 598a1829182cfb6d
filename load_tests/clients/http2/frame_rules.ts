/** What a client may be sent (RFC 9113 6): frames of a wrong stream or size end the connection. */
import { ErrorCode, ProtocolError } from "./errors.ts";
import { Flag, type Frame, FrameType } from "./frames.ts";

interface Rule {
  readonly name: string;
  /** Whether it is of a stream, of the connection, or of either. */
  readonly of: "stream" | "connection" | "either";
  readonly fits: (size: number) => boolean;
}

const any = () => true;
const exactly = (bytes: number) => (size: number) => size === bytes;

const RULES: readonly Rule[] = [
  { name: "DATA", of: "stream", fits: any },
  { name: "HEADERS", of: "stream", fits: any },
  { name: "PRIORITY", of: "stream", fits: exactly(5) },
  { name: "RST_STREAM", of: "stream", fits: exactly(4) },
  { name: "SETTINGS", of: "connection", fits: (size) => size % 6 === 0 },
  { name: "PUSH_PROMISE", of: "stream", fits: any },
  { name: "PING", of: "connection", fits: exactly(8) },
  { name: "GOAWAY", of: "connection", fits: (size) => size >= 8 },
  { name: "WINDOW_UPDATE", of: "either", fits: exactly(4) },
  { name: "CONTINUATION", of: "stream", fits: any },
];

/** Throws a ProtocolError where the frame breaks a rule of its type; frames of unknown types break none (4.1). */
export function checkFrame({ type, flags, stream, from, to }: Frame): void {
  const rule = RULES[type];
  if (rule === undefined) return;
  const size = to - from;
  if (rule.of === "stream" && stream === 0) throw misplaced(rule.name, "the connection");
  if (rule.of === "connection" && stream !== 0) throw misplaced(rule.name, `stream ${stream}`);
  if (!rule.fits(size) || (type === FrameType.SETTINGS && (flags & Flag.ACK) !== 0 && size > 0))
    throw new ProtocolError(ErrorCode.FRAME_SIZE_ERROR, `a frame ${rule.name} of ${size} bytes`);
}

const misplaced = (name: string, where: string): ProtocolError =>
  new ProtocolError(ErrorCode.PROTOCOL_ERROR, `a frame ${name} of ${where}`);

/** Where the content of DATA or HEADERS begins: after the length of its padding (6.1) and its priority (6.2). */
export const contentStart = ({ type, flags, from }: Frame): number =>
  from + ((flags & Flag.PADDED) === 0 ? 0 : 1) + (type === FrameType.HEADERS && (flags & Flag.PRIORITY) !== 0 ? 5 : 0);

/** Where it ends: before its padding. */
export function contentEnd(frame: Frame): number {
  const { flags, bytes, from, to } = frame;
  const padding = (flags & Flag.PADDED) === 0 || from === to ? 0 : bytes[from]!;
  if (to - padding < contentStart(frame))
    throw new ProtocolError(ErrorCode.PROTOCOL_ERROR, "a frame with more padding than it has bytes (6.1)");
  return to - padding;
}
