/** Flow control (RFC 9113 5.2, 6.9): how much may be under way, of a stream and of its connection. */
import { ErrorCode, ProtocolError } from "./errors.ts";

/** Bytes of every window until settings say otherwise. */
export const INITIAL_WINDOW = 65_535;
/** RFC 9113 6.9.1. */
export const LARGEST_WINDOW = 2 ** 31 - 1;

/** A window after a WINDOW_UPDATE (RFC 9113 6.9). */
export function updated(window: number, increment: number): number {
  if (increment === 0) throw new ProtocolError(ErrorCode.PROTOCOL_ERROR, "a WINDOW_UPDATE of nothing (6.9)");
  return widened(window, increment);
}

/** A window after a change of SETTINGS_INITIAL_WINDOW_SIZE too; it may be below 0 then (RFC 9113 6.9.2). */
export function widened(window: number, by: number): number {
  if (window + by > LARGEST_WINDOW)
    throw new ProtocolError(ErrorCode.FLOW_CONTROL_ERROR, "a window of more than 2^31-1 bytes (6.9.1)");
  return window + by;
}
