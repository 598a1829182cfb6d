/** Flow control (RFC 9113 5.2, 6.9): how much may be under way, of a stream and of its connection. */
import { ErrorCode, ProtocolError } from "./errors.ts";

/** Bytes of every window until settings say otherwise. */
export const INITIAL_WINDOW = 65_535;
/** RFC 9113 6.9.1. */
export const LARGEST_WINDOW = 2 ** 31 - 1;

/** A window after a WINDOW_UPDATE or a change of SETTINGS_INITIAL_WINDOW_SIZE; it may be below 0 (RFC 9113 6.9.2). */
export function widened(window: number, by: number): number {
  if (window + by > LARGEST_WINDOW)
    throw new ProtocolError(ErrorCode.FLOW_CONTROL_ERROR, "a window of more than 2^31-1 bytes (6.9.1)");
  return window + by;
}
