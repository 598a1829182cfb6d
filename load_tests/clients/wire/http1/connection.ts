/** One connection of the fast driver: HTTP/1.1 by its own parser over Node's sockets. At most one exchange at a time. */
import type { Socket } from "node:net";
import type { Ms } from "../../../core/model.ts";
import type { Address } from "../../address.ts";
import { connectFailure, connectTimeout, type Ending } from "../../failure.ts";
import type { Carried } from "../carried.ts";
import type { Hub, Lane, Line } from "../lane.ts";
import { CLOSED, invalidAnswer, invalidRequest, isUnread, lostAnswer, lostIdle, ONE_PACKET } from "../lost.ts";
import type { HttpRequest, Written } from "../request.ts";
import { InvalidAnswer } from "./head.ts";
import { type Opener, open } from "./opening.ts";
import { AnswerParser } from "./parser.ts";
import { type Manner, written } from "./written.ts";

/** A connection whose server soon gives it up is not used again. */
const BEFORE_IDLE_LIMIT: Ms = 1000;

export class Http1Connection implements Line, Opener {
  /** For `Call.onAbort`. */
  readonly abort = (): void => {
    const { exchange } = this;
    this.drop();
    exchange?.cut();
  };
  private readonly manner: Manner;
  private readonly address: Address;
  private readonly hub: Hub;
  private readonly lane: Lane;
  private socket: Socket | null = null;
  private exchange: Carried | null = null;
  private request: Written | null = null;
  /** Of an answer that has begun. */
  private parser: AnswerParser | null = null;
  /** Of the exchange under way: the connection had served another one. */
  private isReused = false;
  /** Bytes that came for it, and those of them that it was told of. */
  private heard = 0;
  private told = 0;
  /** The socket stands; the way to it took so long. */
  private isOpen = false;
  private dialledAt: Ms = 0;
  private roundTrip: Ms = 0;
  /** Until when the server keeps it idle. */
  private usableUntil: Ms = Number.POSITIVE_INFINITY;

  constructor(manner: Manner, hub: Hub, lane: Lane) {
    this.manner = manner;
    this.address = manner.address;
    this.hub = hub;
    this.lane = lane;
    hub.all.add(this);
  }

  leadsTo({ authority, secure }: Address): boolean {
    return authority === this.address.authority && secure === this.address.secure;
  }

  /** Whether an idle one stands, and its server will not just close it. */
  mayServe({ call }: Carried): boolean {
    return this.socket !== null && call.begun < this.usableUntil;
  }

  start(exchange: Carried): void {
    const { socket } = this;
    exchange.call.onAbort = this.abort;
    try {
      this.request = written(exchange.outgoing(), this.manner);
    } catch (error) {
      this.refuse(exchange, error as Error);
      return;
    }
    this.exchange = exchange;
    this.isReused = socket !== null;
    this.heard = this.told = 0;
    if (socket === null) this.dial(exchange);
    else this.send(exchange, socket);
  }

  /** An exchange under way is forgotten. */
  async destroy(): Promise<void> {
    this.drop();
  }

  private drop(): void {
    const { socket } = this;
    this.exchange = this.socket = this.request = this.parser = null;
    this.hub.all.delete(this);
    socket?.destroy();
  }

  private refuse(exchange: Carried, error: Error): void {
    if (this.socket === null) this.drop();
    else this.lane.give(this);
    exchange.fail(invalidRequest(error));
  }

  reached(socket: Socket): void {
    if (this.socket === socket) this.exchange!.mark("connect");
  }

  ready(first: Socket, socket: Socket): void {
    const { exchange } = this;
    if (this.socket !== first) {
      socket.destroy();
      return;
    }
    exchange!.mark(this.address.secure ? "tls" : "connect");
    this.socket = socket;
    this.isOpen = true;
    this.roundTrip = exchange!.call.now() - this.dialledAt;
    this.send(exchange!, socket);
  }

  private dial({ call }: Carried): void {
    const { address, lane } = this;
    const { connectTimeout: limit, roads, all } = this.hub;
    this.isOpen = false;
    this.dialledAt = call.now();
    this.usableUntil = Number.POSITIVE_INFINITY;
    all.add(this);
    const socket = open({ address, roads, sessions: address.secure ? lane.sessions : null }, this);
    this.socket = socket;
    if (limit >= call.timeout) return;
    call.at(limit, () => {
      if (this.socket === socket && !this.isOpen) this.end(connectTimeout(address.authority, limit));
    });
  }

  private send(exchange: Carried, socket: Socket): void {
    const { text, body, length } = this.request!;
    exchange.connected(this.isReused);
    if (body === null) socket.write(text, "latin1");
    else {
      socket.cork();
      socket.write(text, "latin1");
      socket.write(body);
      socket.uncork();
    }
    exchange.call.sent(length);
  }

  read(bytes: Buffer, length: number): true {
    const { exchange } = this;
    if (exchange === null) {
      if (!isBlank(bytes, length)) this.lose(this.socket!, null);
      return true;
    }
    if (this.isReused) this.hub.keepsConnections = true;
    this.heard += length;
    this.parser ??= parserFor(this.request!.request);
    this.parser.feed(bytes, length);
    try {
      this.take(exchange, this.parser);
    } catch (error) {
      if (!(error instanceof InvalidAnswer)) throw error;
      this.end(invalidAnswer(error));
    }
    return true;
  }

  private take(exchange: Carried, parser: AnswerParser): void {
    for (;;) {
      const found = parser.next();
      if (found === "nothing") return;
      this.tell(exchange);
      if (found === "head") exchange.head(parser.head);
      else if (found === "end") {
        this.finish(exchange, parser);
        return;
      } else {
        const ending = exchange.data(parser.bytes, parser.from, parser.to);
        if (ending === null) continue;
        this.end(ending);
        return;
      }
    }
  }

  private tell({ call }: Carried): void {
    if (this.heard > this.told) call.received(this.heard - this.told);
    this.told = this.heard;
  }

  private finish(exchange: Carried, parser: AnswerParser): void {
    const isKept = this.isKeptAfter(exchange, parser);
    this.exchange = this.request = this.parser = null;
    letGo(parser);
    if (isKept) this.lane.give(this);
    else this.drop();
    exchange.complete();
  }

  /** Not where more came than was asked for, nor where the answer came before the request was read. */
  private isKeptAfter({ call }: Carried, { persists, hasMore, head }: AnswerParser): boolean {
    if (!persists || hasMore || this.socket!.writableLength > 0) return false;
    const { idleLimit } = head;
    if (idleLimit === null) return true;
    const now = call.now();
    this.usableUntil = now + idleLimit - BEFORE_IDLE_LIMIT;
    return this.usableUntil > now;
  }

  /** The server says that no more will come. */
  hangUp(socket: Socket): void {
    const { exchange, parser } = this;
    if (this.socket !== socket) return;
    if (exchange !== null && parser?.endsWithConnection) this.finish(exchange, parser);
    else if (exchange === null || !this.isUnanswered || isUnread(socket)) this.lose(socket, null);
    else this.awaitReset(exchange, socket);
  }

  /** If the server closed before it read the request, a reset is on its way. */
  private awaitReset(exchange: Carried, socket: Socket): void {
    exchange.call.at(Math.max(this.roundTrip, 1), () => {
      if (this.exchange === exchange) this.lose(socket, null);
    });
  }

  /** The connection is of no use any more; without an error: the server closed it. */
  lose(socket: Socket, error: Error | null): void {
    const { exchange } = this;
    if (this.socket !== socket) return;
    if (exchange === null) this.drop();
    else if (!this.isOpen) this.end(connectFailure(error ?? new Error("the connection was closed before it stood")));
    else if (!this.isUnanswered || !(error === null ? isUnread(socket) : isUnsent(error)))
      this.end(error === null ? CLOSED : lostAnswer(error, socket));
    else if (exchange.again(this.request!.length <= ONE_PACKET)) this.dialAnew(exchange);
    else this.end(lostIdle);
  }

  /** A kept connection, and no word of an answer. */
  private get isUnanswered(): boolean {
    return this.isReused && this.heard === 0;
  }

  /** Nothing was done yet of what the exchange asks for: it goes over a connection of its own. */
  private dialAnew(exchange: Carried): void {
    this.socket?.destroy();
    this.isReused = false;
    this.dial(exchange);
  }

  private end(ending: Ending): void {
    const { exchange } = this;
    if (exchange !== null) this.tell(exchange);
    this.drop();
    exchange?.fail(ending);
  }
}

/** Most answers come in one piece, so that one parser of a thread reads nearly all, and stays in the cache. */
let spare: AnswerParser | null = null;

function parserFor({ method }: HttpRequest): AnswerParser {
  const parser = spare ?? new AnswerParser();
  spare = null;
  parser.begin(method);
  return parser;
}

function letGo(parser: AnswerParser): void {
  parser.clear();
  spare = parser;
}

/** The write itself failed: the connection was gone before. */
const isUnsent = (error: Error): boolean => (error as NodeJS.ErrnoException).syscall === "write";

/** Empty lines between two answers are of no harm. */
const isBlank = (bytes: Buffer, length: number): boolean =>
  /^[\r\n]*$/.test(bytes.toString("latin1", 0, Math.min(length, 8)));
