/** The settings of the peer (RFC 9113 6.5). */

import { TABLE_SIZE } from "./dynamic_table.ts";
import { ErrorCode, ProtocolError } from "./errors.ts";
import { INITIAL_WINDOW, LARGEST_WINDOW } from "./flow.ts";
import type { Frame } from "./frames.ts";
import { MAX_PAYLOAD } from "./frames.ts";

export const Setting = {
  HEADER_TABLE_SIZE: 1,
  ENABLE_PUSH: 2,
  MAX_CONCURRENT_STREAMS: 3,
  INITIAL_WINDOW_SIZE: 4,
  MAX_FRAME_SIZE: 5,
  MAX_HEADER_LIST_SIZE: 6,
} as const;

const LARGEST_FRAME = 2 ** 24 - 1;

export interface PeerSettings {
  /** Streams that may be open at once. */
  maxStreams: number;
  /** Bytes that each stream begins with. */
  window: number;
  /** Bytes of the payload of a frame. */
  maxPayload: number;
  /** Bytes of the table of fields that we may fill: the fewest that it ever said. */
  tableSize: number;
}

export const initialSettings = (): PeerSettings => ({
  maxStreams: Number.POSITIVE_INFINITY,
  window: INITIAL_WINDOW,
  maxPayload: MAX_PAYLOAD,
  tableSize: TABLE_SIZE,
});

/** Takes what a SETTINGS frame says, in its order; what is unknown is passed over. */
export function applySettings({ bytes, from, to }: Frame, settings: PeerSettings): void {
  for (let at = from; at < to; at += 6) apply(settings, bytes.readUInt16BE(at), bytes.readUInt32BE(at + 2));
}

function apply(settings: PeerSettings, id: number, value: number): void {
  if (id === Setting.MAX_CONCURRENT_STREAMS) settings.maxStreams = value;
  else if (id === Setting.HEADER_TABLE_SIZE) settings.tableSize = Math.min(settings.tableSize, value);
  else if (id === Setting.INITIAL_WINDOW_SIZE) {
    if (value > LARGEST_WINDOW)
      throw new ProtocolError(ErrorCode.FLOW_CONTROL_ERROR, `an initial window of ${value} bytes (6.5.2)`);
    settings.window = value;
  } else if (id === Setting.MAX_FRAME_SIZE) {
    if (value < MAX_PAYLOAD || value > LARGEST_FRAME)
      throw new ProtocolError(ErrorCode.PROTOCOL_ERROR, `a largest frame of ${value} bytes (6.5.2)`);
    settings.maxPayload = value;
  } else if (id === Setting.ENABLE_PUSH && value !== 0)
    throw new ProtocolError(ErrorCode.PROTOCOL_ERROR, "a server that asks to be pushed to (6.5.2)");
}
