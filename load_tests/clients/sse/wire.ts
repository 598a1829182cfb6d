/** One HTTP/1.1 connection over undici: at most one exchange at a time, no retries, no timers of its own. */
import type { Socket } from "node:net";
import type { ConnectionOptions } from "node:tls";
import { Client, type Dispatcher } from "undici";
import type { Address } from "../address.ts";
import { codeOf, connectFailure, connectTimeout, type Ending } from "../failure.ts";
import { connectedEvent, openSocket } from "../socket.ts";
import type { Exchange } from "./exchange.ts";

/** What all connections of a client share. */
export interface Hub {
  readonly address: Address;
  readonly tls: ConnectionOptions;
  readonly connectTimeout: number;
  /** False: each call has a connection of its own and closes it. */
  readonly keep: boolean;
  /** All connections there are, so that close finds them. */
  readonly all: Set<Wire>;
}

/** As long as Node's timers go: the server says when an idle connection ends. */
const FOREVER = 2 ** 31 - 1;

export class Wire implements Dispatcher.DispatchHandler {
  private readonly hub: Hub;
  private readonly idle: (wire: Wire) => void;
  private readonly client: Client;
  private socket: Socket | null = null;
  private exchange: Exchange | null = null;
  /** Of the exchange under way: a connection was asked for; there is one, and the request goes over it. */
  private dialled = false;
  private connected = false;
  private bytesRead = 0;
  private bytesWritten = 0;

  /** `idle` is told when the next exchange may start. */
  constructor(hub: Hub, idle: (wire: Wire) => void) {
    this.hub = hub;
    this.idle = idle;
    this.client = new Client(`${hub.address.secure ? "https" : "http"}://${hub.address.authority}`, {
      pipelining: hub.keep ? 1 : 0,
      headersTimeout: 0,
      bodyTimeout: 0,
      keepAliveTimeout: FOREVER,
      keepAliveMaxTimeout: FOREVER,
      keepAliveTimeoutThreshold: 1000,
      connect: (_options, callback) => this.connect(callback),
    });
    hub.all.add(this);
  }

  start(exchange: Exchange): void {
    this.exchange = exchange;
    this.dialled = this.connected = false;
    exchange.call.onAbort = () => this.drop();
    this.client.dispatch(exchange.request, this);
  }

  /** Lets go of the exchange under way, which says nothing more, and of the connection. */
  drop(): void {
    this.exchange = null;
    void this.close();
  }

  /** Settles when the socket is closed. */
  async close(): Promise<void> {
    this.exchange = null;
    this.hub.all.delete(this);
    this.socket?.destroy();
    await this.client.destroy();
  }

  onConnect(): void {
    this.connected = true;
  }

  onRequestSent(): void {
    const { bytesWritten } = this.socket!;
    this.exchange?.call.sent(bytesWritten - this.bytesWritten);
    this.bytesWritten = bytesWritten;
  }

  onHeaders(code: number, headers: Buffer[], _resume: () => void, statusText: string): boolean {
    if (code < 200) return true;
    this.countReceived();
    this.exchange?.head(code, headers, statusText);
    return true;
  }

  onData(chunk: Buffer): boolean {
    this.countReceived();
    const failed = this.exchange?.data(chunk) ?? null;
    if (failed !== null) this.fail(failed);
    return true;
  }

  onComplete(): void {
    const { errored } = this.socket!;
    if (errored) this.onError(errored);
    else {
      this.countReceived();
      const { exchange } = this;
      this.exchange = null;
      this.idle(this);
      exchange?.complete();
    }
  }

  onError(error: Error): void {
    const { exchange } = this;
    if (exchange === null) return;
    if (this.connected) {
      this.countReceived();
      this.fail(lost(error, this.socket!));
    } else if (codeOf(error) === "UND_ERR_INVALID_ARG")
      this.fail({ outcome: "invalid", status: "INVALID_REQUEST", message: error.message });
    else if (this.dialled) this.fail(connectFailure(error));
    else {
      // An idle connection broke before anything was written to it: the call has sent nothing yet.
      this.drop();
      exchange.start();
    }
  }

  private fail(ending: Ending): void {
    const { exchange } = this;
    this.drop();
    exchange?.end(ending);
  }

  private countReceived(): void {
    const { bytesRead } = this.socket!;
    if (bytesRead > this.bytesRead) this.exchange?.call.received(bytesRead - this.bytesRead);
    this.bytesRead = bytesRead;
  }

  private connect(callback: (...result: [null, Socket] | [Error, null]) => void): void {
    const { address, tls, connectTimeout: limit } = this.hub;
    const socket = openSocket(address, tls);
    this.socket = socket;
    this.dialled = true;
    this.bytesRead = this.bytesWritten = 0;
    let pending = true;
    const settle = (error: Error | null) => {
      if (!pending) return;
      pending = false;
      if (error === null) callback(null, socket);
      else callback(error, null);
    };
    socket.once(connectedEvent(address), () => settle(null)).on("error", settle);
    const { call } = this.exchange!;
    if (limit < call.timeout)
      call.at(limit, () => {
        if (pending && socket === this.socket) this.fail(connectTimeout(address.authority, limit));
      });
  }
}

/** The answer did not come whole: the connection was lost, or what came is no HTTP. */
function lost(error: Error, socket: Socket): Ending {
  const cause = socket.errored && !socket.readableEnded ? socket.errored : error;
  const code = codeOf(cause);
  const senseless = /^HTTPParserError|^HPE_|^UND_ERR_(HEADERS_OVERFLOW|RES_CONTENT_LENGTH_MISMATCH)/.test(code);
  if (socket.readableEnded) return { outcome: "reset", status: "CLOSED", message: "the server closed the connection" };
  if (senseless || /^bad (response|upgrade)$/.test(cause.message))
    return { outcome: "invalid", status: "INVALID_ANSWER", message: cause.message };
  return { outcome: "reset", status: code === "UND_ERR_SOCKET" ? "CLOSED" : code, message: cause.message };
}
