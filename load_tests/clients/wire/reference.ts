/** The reference driver: undici, and Node's HTTP/2. */
import { Connection } from "./connection.ts";
import { Http2Connection } from "./http2.ts";
import type { OpenLine } from "./lane.ts";

export const openReference: OpenLine = (address, hub, lane) =>
  hub.http2 && address.secure ? new Http2Connection(address, hub, lane) : new Connection(address, hub, lane);
