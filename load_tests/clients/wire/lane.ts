/** Connections that wait for their next call. */
import type { Ms } from "../../core/model.ts";
import { type Place, Queue } from "../../core/queue.ts";
import type { Address } from "../address.ts";
import type { Carried } from "./carried.ts";
import type { Roads, Sessions } from "./dial.ts";
import type { Openings, Waiter } from "./openings.ts";

/** How connections are kept: for a user, for all, or not at all. */
export type Connections = "per_user" | "shared" | "per_request";

/** A connection of any kind: at most one exchange at a time. */
export interface Line {
  leadsTo(address: Address): boolean;
  /** Asked of an idle one: whether it is of use for this exchange. */
  mayServe(exchange: Carried): boolean;
  start(exchange: Carried): void;
  /** Settles when its socket is closed. An exchange under way is forgotten. */
  destroy(): Promise<void>;
}

/** What a driver gives for each new connection; it connects for its first exchange. */
export type OpenLine = (address: Address, hub: Hub, lane: Lane) => Line;

/** How long a connection is watched before its second call. */
const WATCH: Ms = 1;

/** What all connections of a client share. */
export interface Hub {
  readonly connectTimeout: number;
  readonly roads: Roads;
  readonly open: OpenLine;
  /** Speak HTTP/2 where the server agrees to it. */
  readonly http2: boolean;
  /** False: each call has a connection of its own and closes it. */
  readonly keep: boolean;
  /** All connections there are, so that close finds them. */
  readonly all: Set<Line>;
  readonly openings: Openings;
  /** A connection has served twice: the service does keep them. */
  keepsConnections: boolean;
}

/** A call for which no connection could be opened yet. */
interface Waiting {
  readonly exchange: Carried;
  readonly address: Address;
  readonly opening: Place<Waiter>;
}

/** The idle connections of one user, or of all users: last in, first out, so that few are kept warm. */
export class Lane {
  private kept: Sessions | null = null;
  private readonly hub: Hub;
  private readonly idle: Line[] = [];
  private readonly waiting = new Queue<Waiting>();
  private closed = false;

  constructor(hub: Hub) {
    this.hub = hub;
  }

  /** Of TLS: each lane has its own, as users have who come from elsewhere; none where each call is as from elsewhere. */
  get sessions(): Sessions | null {
    if (this.hub.keep) this.kept ??= new Map();
    return this.kept;
  }

  /** Begins it on an idle connection or a new one, which it may have to wait for. */
  carry(exchange: Carried, address: Address): void {
    const idle = this.idleTo(address, exchange);
    if (idle !== null) this.reuse(idle, exchange, address);
    else if (this.hub.openings.may()) this.open(address).start(exchange);
    else this.wait(exchange, address);
  }

  /** Takes a connection back after its call. */
  give(connection: Line): void {
    if (this.closed || !this.hub.keep) {
      void connection.destroy();
      return;
    }
    if (!this.takesOver(connection)) this.idle.push(connection);
  }

  /** Closes what is idle now, and the rest when it comes back. */
  close(): void {
    this.closed = true;
    for (const connection of this.idle.splice(0)) void connection.destroy();
  }

  /** Whether a call that waits for a connection goes over this one. */
  private takesOver(connection: Line): boolean {
    for (let place = this.waiting.first; place !== null; place = place.after) {
      const { exchange, address } = place.value;
      if (!connection.leadsTo(address)) continue;
      this.waitsNoLonger(place);
      this.reuse(connection, exchange, address);
      return true;
    }
    return false;
  }

  /**
   * Until one connection of the service served twice, each is watched for a moment before its second call: there are
   * servers that close after each answer and do not say so, and a request that they never read would be lost.
   */
  private reuse(connection: Line, exchange: Carried, address: Address): void {
    const { call } = exchange;
    if (this.hub.keepsConnections) {
      connection.start(exchange);
      return;
    }
    call.onAbort = () => {
      this.give(connection);
      exchange.cut();
    };
    call.at(WATCH, () => {
      if (connection.mayServe(exchange)) connection.start(exchange);
      else {
        void connection.destroy();
        this.carry(exchange, address);
      }
    });
  }

  private idleTo(address: Address, exchange: Carried): Line | null {
    const { idle } = this;
    for (let i = idle.length - 1; i >= 0; i--) {
      const line = idle[i]!;
      if (!line.leadsTo(address)) continue;
      if (i === idle.length - 1) idle.pop();
      else idle.splice(i, 1);
      if (line.mayServe(exchange)) return line;
      void line.destroy();
    }
    return null;
  }

  private open(address: Address): Line {
    return this.hub.open(address, this.hub, this);
  }

  private wait(exchange: Carried, address: Address): void {
    const { call } = exchange;
    const open = () => {
      this.waiting.leave(place);
      this.open(address).start(exchange);
    };
    const place = this.waiting.join({ exchange, address, opening: this.hub.openings.join({ call, open }) });
    call.onAbort = () => {
      this.waitsNoLonger(place);
      exchange.cut();
    };
  }

  private waitsNoLonger(place: Place<Waiting>): void {
    this.waiting.leave(place);
    this.hub.openings.leave(place.value.opening);
  }
}
