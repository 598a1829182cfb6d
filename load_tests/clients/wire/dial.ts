/** The way to an address: straight, or through a proxy; over TLS where the address says so. */
import { request as requestOver } from "node:http";
import type { Socket } from "node:net";
import { type ConnectionOptions, connect as connectTls } from "node:tls";
import type { Address } from "../address.ts";
import { connectedEvent, openSocket, type Reads, serverName } from "../socket.ts";
import type { HttpProxy, ProxyFinder } from "./proxy.ts";

/** How all connections of a service are made. */
export interface Roads {
  readonly tls: ConnectionOptions;
  readonly proxyFor: ProxyFinder;
}

/** What is offered in the TLS handshake (ALPN). */
export const protocolsOf = (http2: boolean): ConnectionOptions => (http2 ? { ALPNProtocols: ["h2", "http/1.1"] } : {});

/** TLS sessions that servers gave, by their authority: the next handshake is shorter (RFC 8446 2.2). */
export type Sessions = Map<string, Buffer>;

/** What is told of a dial; `fail` may come after `ready`, for errors that come later. */
export interface Dialling {
  /** Used and kept for further connections; none where absent. */
  readonly sessions?: Sessions | null;
  /** For any socket that is no tunnel's. */
  readonly reads?: Reads;
  /** TCP stands, TLS is still to come. */
  reached(): void;
  ready(socket: Socket): void;
  fail(error: Error): void;
}

/** Returns at once, with the socket to destroy where nobody waits any longer; `ready` brings the one to use. */
export function dial(address: Address, { tls, proxyFor }: Roads, told: Dialling): Socket {
  const proxy = proxyFor(address);
  if (proxy !== null && address.secure) return tunnel(address, { tls, proxy }, told);
  const next = proxy?.address ?? address;
  const secured = proxy === null ? { ...tls, ...resumed(address, told) } : {};
  const socket = openSocket(next, secured, told.reads);
  if (proxy === null && address.secure) keepSession(address, socket, told);
  if (next.secure) socket.once("connect", told.reached);
  return socket.once(connectedEvent(next), () => told.ready(socket)).on("error", told.fail);
}

const resumed = ({ authority }: Address, { sessions }: Dialling): ConnectionOptions => {
  const session = sessions?.get(authority);
  return session === undefined ? {} : { session };
};

function keepSession({ authority }: Address, socket: Socket, { sessions }: Dialling): void {
  if (sessions) socket.on("session", (session: Buffer) => sessions.set(authority, session));
}

interface Tunnel {
  readonly tls: ConnectionOptions;
  readonly proxy: HttpProxy;
}

/** TLS to the address through a proxy's CONNECT (RFC 9110 9.3.6). */
function tunnel(address: Address, { tls, proxy }: Tunnel, told: Dialling): Socket {
  const socket = openSocket(proxy.address);
  const credentials = proxy.authorization === null ? {} : { "proxy-authorization": proxy.authorization };
  const { authority, hostname } = address;
  requestOver({
    method: "CONNECT",
    path: authority,
    headers: { host: authority, ...credentials },
    createConnection: () => socket,
  })
    .on("connect", ({ statusCode = 0 }) => {
      if (statusCode < 200 || statusCode > 299) {
        socket.destroy();
        return told.fail(refusedBy(proxy, statusCode));
      }
      told.reached();
      const options = { host: hostname, ALPNProtocols: ["http/1.1"], ...serverName(hostname), ...tls };
      const secure = connectTls({ ...options, ...resumed(address, told), socket });
      keepSession(address, secure, told);
      secure.once("secureConnect", () => told.ready(secure)).on("error", told.fail);
    })
    .on("error", told.fail)
    .end();
  return socket;
}

const refusedBy = ({ address }: HttpProxy, status: number): Error =>
  Object.assign(new Error(`the proxy ${address.authority} answers ${status}`), { code: `PROXY_${status}` });
