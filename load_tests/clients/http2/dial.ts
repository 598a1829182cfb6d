/** Opens the socket of a connection. */
import { connect as connectTcp, type OnReadOpts, type Socket } from "node:net";
import { type ConnectionOptions, connect as connectTls } from "node:tls";
import { serverName } from "../socket.ts";

export interface Place {
  /** Without the brackets of IPv6. */
  readonly hostname: string;
  readonly port: number;
  /** Null: in the clear. */
  readonly tls: ConnectionOptions | null;
}

const KEEP_ALIVE_DELAY = 60_000;
/** All connections of a thread read into it: what comes is looked at before the next read. */
const SHARED = Buffer.allocUnsafeSlow(256 * 1024);

/** `take` gets what came in the first bytes of the shared buffer. `connected` is the event to wait for. */
export function dial({ hostname, port, tls }: Place, take: (bytes: Buffer, length: number) => void) {
  const onread: OnReadOpts = {
    buffer: SHARED,
    callback: (length) => {
      take(SHARED, length);
      return true;
    },
  };
  const options = { host: hostname, port, onread };
  const socket: Socket =
    tls === null
      ? connectTcp(options)
      : connectTls({ ALPNProtocols: ["h2"], ...serverName(hostname), ...tls, ...options } as ConnectionOptions);
  socket.setNoDelay(true).setKeepAlive(true, KEEP_ALIVE_DELAY);
  return { socket, connected: tls === null ? "connect" : "secureConnect" } as const;
}
