/** Opens TCP and TLS connections. */
import { connect as connectTcp, isIP, type OnReadOpts, type Socket } from "node:net";
import { type ConnectionOptions, connect as connectTls } from "node:tls";
import type { Address } from "./address.ts";

const KEEP_ALIVE_DELAY = 60_000;

/** How a socket reads, where not as a stream that ends when its other side does. */
export interface Reads {
  readonly onread: OnReadOpts;
  readonly allowHalfOpen: boolean;
}

/**
 * A socket on its way to an address, over TLS as `tls` says (`secureOptions`); it emits the event that `connectedEvent`
 * names once it can be written to.
 */
export function openSocket({ secure, hostname, port }: Address, tls: ConnectionOptions = {}, reads?: Reads): Socket {
  const socket = secure
    ? connectTls({ ALPNProtocols: ["http/1.1"], ...serverName(hostname), ...tls, ...reads, host: hostname, port })
    : connectTcp({ host: hostname, port, ...reads });
  return socket.setNoDelay(true).setKeepAlive(true, KEEP_ALIVE_DELAY);
}

/** What goes into SNI: a name, never an IP address (RFC 6066). Node sends none by itself. */
export const serverName = (hostname: string): { servername?: string } =>
  isIP(hostname) === 0 ? { servername: hostname } : {};

export const connectedEvent = ({ secure }: Address): "connect" | "secureConnect" =>
  secure ? "secureConnect" : "connect";

/** What is told of a connection that is being opened; `ready` with the socket to use, where it is another. */
export interface Opening {
  ready(socket?: Socket): void;
  fail(error: Error): void;
}

/** Hangs up again once the connection that `open` begins is there; rejects with a sentence, also where the signal fires first. */
export function hangUp(authority: string, signal: AbortSignal, open: (told: Opening) => Socket): Promise<void> {
  return new Promise((resolve, reject) => {
    const finish = (error: Error | null) => {
      signal.removeEventListener("abort", expire);
      socket.destroy();
      if (error === null) resolve();
      else reject(new Error(`${authority} cannot be reached: ${describeError(error)}`, { cause: error }));
    };
    const expire = () => finish(new Error("no connection in time"));
    let socket = open({
      fail: finish,
      ready: (ready = socket) => {
        socket = ready;
        finish(null);
      },
    });
    if (signal.aborted) expire();
    else signal.addEventListener("abort", expire);
  });
}

/** Connects and hangs up again; rejects with a sentence where nobody answers or the signal fires first. */
export const reach = (address: Address, signal: AbortSignal, tls: ConnectionOptions = {}): Promise<void> =>
  hangUp(address.authority, signal, ({ ready, fail }) =>
    openSocket(address, tls)
      .once(connectedEvent(address), () => ready())
      .on("error", fail),
  );

/** The text of an error; of several attempts (IPv6, IPv4) all. */
export function describeError(error: Error): string {
  if (error instanceof AggregateError) return error.errors.map((each: Error) => each.message).join("; ");
  return error.message.replace(" - Local (undefined:undefined)", "");
}
