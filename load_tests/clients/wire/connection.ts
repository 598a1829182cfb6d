/**
 * One connection over undici: at most one exchange at a time, no timers of its own. A Client for each costs less than
 * undici's Pool, which scans them.
 */

import type { Socket } from "node:net";
import { Client, type Dispatcher } from "undici";
import type { Address } from "../address.ts";
import { codeOf, connectFailure, connectTimeout, type Ending } from "../failure.ts";
import { RawFields } from "./answer_fields.ts";
import type { AnswerHead, Carried } from "./carried.ts";
import { dial } from "./dial.ts";
import type { Hub, Lane } from "./lane.ts";
import { invalidRequest, isUnread, lostAnswer, lostIdle, ONE_PACKET } from "./lost.ts";
import type { HttpProxy } from "./proxy.ts";
import type { HttpRequest } from "./request.ts";

/** As long as Node's timers go: the server says when an idle connection ends. */
const FOREVER = 2 ** 31 - 1;

/**
 * Also undici's handler, in its older form: it hands on the headers as they came, where the newer one parses them for
 * every answer.
 */
export class Connection implements Dispatcher.DispatchHandler {
  /** For `Call.onAbort`. */
  readonly abort = (): void => {
    const exchange = this.release();
    void this.destroy();
    exchange?.cut();
  };
  private readonly address: Address;
  private readonly hub: Hub;
  private readonly lane: Lane;
  private readonly client: Client;
  /** Of a plain address: it asks the proxy for the whole URL (RFC 9112 3.2.2). */
  private readonly proxy: HttpProxy | null;
  private socket: Socket | null = null;
  private given: Socket | null;
  private exchange: Carried | null = null;
  /** Of the exchange under way: a connection was asked for; there is one, and the request goes over it. */
  private dialled = false;
  private connected = false;
  /** Of this socket, as far as they were told to calls. */
  private bytesRead = 0;
  private bytesWritten = 0;
  /** Of `bytesRead` and `bytesWritten`, as the exchange under way began. */
  private readBefore = 0;
  private writtenBefore = 0;
  private isUnread = false;
  /** What the socket said first of its end; undici's own words come later and say less. */
  private broken: Error | null = null;

  /** `dialled`: a socket that stands already, for its first call. */
  constructor(address: Address, hub: Hub, lane: Lane, dialled: Socket | null = null) {
    this.address = address;
    this.hub = hub;
    this.lane = lane;
    this.given = dialled;
    this.client = new Client(`${address.secure ? "https" : "http"}://${address.authority}`, {
      pipelining: hub.keep ? 1 : 0,
      headersTimeout: 0,
      bodyTimeout: 0,
      keepAliveTimeout: FOREVER,
      keepAliveMaxTimeout: FOREVER,
      keepAliveTimeoutThreshold: 1000,
      connect: (_options, callback) => this.connect(callback),
    });
    this.proxy = address.secure ? null : hub.roads.proxyFor(address);
    hub.all.add(this);
  }

  leadsTo(address: Address): boolean {
    return (
      address === this.address ||
      (address.authority === this.address.authority && address.secure === this.address.secure)
    );
  }

  /** Where its socket is gone it dials anew. */
  mayServe(): boolean {
    return true;
  }

  start(exchange: Carried): void {
    this.exchange = exchange;
    this.dialled = this.connected = false;
    exchange.call.onAbort = this.abort;
    this.client.dispatch(this.asSent(exchange.outgoing()), this);
  }

  /** Settles when the socket is closed. An exchange under way is forgotten. */
  async destroy(): Promise<void> {
    this.exchange = null;
    this.hub.all.delete(this);
    this.socket?.destroy();
    await this.client.destroy();
  }

  onConnect(): void {
    this.connected = true;
    this.readBefore = this.socket!.bytesRead;
    this.writtenBefore = this.socket!.bytesWritten;
    this.exchange?.connected(!this.dialled);
  }

  onRequestSent(): void {
    const { bytesWritten } = this.socket!;
    this.exchange?.call.sent(bytesWritten - this.bytesWritten);
    this.bytesWritten = bytesWritten;
  }

  onHeaders(code: number, headers: Buffer[], _resume: () => void, statusText: string): boolean {
    if (code < 200) return true;
    this.countReceived();
    if (!this.dialled) this.hub.keepsConnections = true;
    this.exchange?.head(headOf(code, headers, statusText));
    return true;
  }

  onData(chunk: Buffer): boolean {
    this.countReceived();
    const ended = this.exchange?.data(chunk, 0, chunk.length) ?? null;
    if (ended !== null) this.breakOff(ended);
    return true;
  }

  onComplete(): void {
    const { errored } = this.socket!;
    if (errored) this.onError(errored);
    else this.finish();
  }

  onError(error: Error): void {
    if (this.exchange === null) return;
    if (this.connected) this.countReceived();
    const exchange = this.release()!;
    const unwritable = codeOf(error) === "UND_ERR_INVALID_ARG";
    if (unwritable) this.lane.give(this);
    else void this.destroy();
    if (unwritable) exchange.fail(invalidRequest(error));
    else if (this.connected) this.lose(exchange, error);
    else if (this.dialled) exchange.fail(connectFailure(error));
    // An idle connection broke before anything was written to it: the call has sent nothing yet.
    else exchange.start();
  }

  private lose(exchange: Carried, error: Error): void {
    const { bytesRead, bytesWritten } = this.socket!;
    const isSmall = bytesWritten - this.writtenBefore <= ONE_PACKET;
    if (this.dialled || !this.isUnread || bytesRead > this.readBefore)
      exchange.fail(lostAnswer(this.broken ?? error, this.socket!));
    else if (exchange.again(isSmall)) new Connection(this.address, this.hub, this.lane).start(exchange);
    else exchange.fail(lostIdle);
  }

  private breakOff(ending: Ending): void {
    const exchange = this.release();
    void this.destroy();
    exchange?.fail(ending);
  }

  private finish(): void {
    this.countReceived();
    const exchange = this.release();
    this.lane.give(this);
    exchange?.complete();
  }

  private release(): Carried | null {
    const { exchange } = this;
    this.exchange = null;
    return exchange;
  }

  private countReceived(): void {
    const { bytesRead } = this.socket!;
    if (bytesRead > this.bytesRead) this.exchange?.call.received(bytesRead - this.bytesRead);
    this.bytesRead = bytesRead;
  }

  private asSent({ method, path, headers: { pairs }, body }: HttpRequest): Dispatcher.DispatchOptions {
    // Without `reset` undici would give up a connection after a HEAD, or a body that no method asks for.
    const request = { method, path, headers: pairs as string[], body, reset: false };
    if (this.proxy === null) return request;
    const { authorization } = this.proxy;
    const headers = authorization === null ? [] : ["proxy-authorization", authorization];
    return { ...request, path: `http://${this.address.authority}${path}`, headers: [...pairs, ...headers] };
  }

  private connect(callback: (...result: [null, Socket] | [Error, null]) => void): void {
    const exchange = this.exchange!;
    this.dialled = true;
    this.bytesRead = this.bytesWritten = 0;
    this.broken = null;
    if (this.given === null) this.dial(exchange, callback);
    else this.takeOver(this.given, callback);
  }

  private dial(exchange: Carried, callback: (...result: [null, Socket] | [Error, null]) => void): void {
    let pending = true;
    const first = dial(this.address, this.hub.roads, {
      sessions: this.lane.sessions,
      reached: () => exchange.mark("connect"),
      ready: (socket) => {
        if (!pending) return;
        pending = false;
        exchange.mark(this.address.secure ? "tls" : "connect");
        this.socket = socket;
        this.listen(socket);
        callback(null, socket);
      },
      fail: (error) => {
        if (!pending) this.broken ??= error;
        else {
          pending = false;
          callback(error, null);
        }
      },
    });
    this.socket = first;
    this.limitConnect(() => pending && first === this.socket);
  }

  /** Before undici, which destroys it. */
  private listen(socket: Socket): void {
    this.isUnread = false;
    socket.once("end", () => {
      this.isUnread = isUnread(socket);
    });
  }

  private takeOver(socket: Socket, callback: (error: null, socket: Socket) => void): void {
    this.given = null;
    this.socket = socket.on("error", (error) => {
      this.broken ??= error;
    });
    this.listen(socket);
    // undici does not expect its answer before it has asked.
    queueMicrotask(() => callback(null, socket));
  }

  private limitConnect(waits: () => boolean): void {
    const { call } = this.exchange!;
    const { connectTimeout: limit } = this.hub;
    if (limit >= call.timeout) return;
    call.at(limit, () => {
      if (waits()) this.breakOff(connectTimeout(this.address.authority, limit));
    });
  }
}

function headOf(code: number, headers: readonly Buffer[], statusText: string): AnswerHead {
  const fields = new RawFields(headers);
  const [setsCookies, isEncoded] = [fields.has("set-cookie"), fields.has("content-encoding")];
  return { code, statusText, setsCookies, isEncoded, fields: () => fields };
}
