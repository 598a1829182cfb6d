/** Connections that wait for their next call. */
import type { Address } from "../address.ts";
import { Connection } from "./connection.ts";
import type { Roads } from "./dial.ts";
import { Http2Connection } from "./http2.ts";

/** How connections are kept: for a user, for all, or not at all. */
export type Connections = "per_user" | "shared" | "per_request";

/** A connection of either version. */
export type Line = Connection | Http2Connection;

/** What all connections of a client share. */
export interface Hub {
  readonly connectTimeout: number;
  readonly roads: Roads;
  /** Speak HTTP/2 where the server agrees to it. */
  readonly http2: boolean;
  /** False: each call has a connection of its own and closes it. */
  readonly keep: boolean;
  /** All connections there are, so that close finds them. */
  readonly all: Set<Line>;
}

/**
 * The idle connections of one user, or of all users: last in, first out, so that few are kept warm. A Client for each
 * connection costs less than undici's Pool, which scans them.
 */
export class Lane {
  private readonly hub: Hub;
  private readonly idle: Line[] = [];
  private closed = false;

  constructor(hub: Hub) {
    this.hub = hub;
  }

  take(address: Address): Line {
    for (let i = this.idle.length - 1; i >= 0; i--) {
      const connection = this.idle[i]!;
      if (connection.leadsTo(address)) {
        this.idle.splice(i, 1);
        return connection;
      }
    }
    return this.hub.http2 && address.secure
      ? new Http2Connection(address, this.hub, this)
      : new Connection(address, this.hub, this);
  }

  /** Takes a connection back after its call. */
  give(connection: Line): void {
    if (this.closed || !this.hub.keep) void connection.destroy();
    else this.idle.push(connection);
  }

  /** Closes what is idle now, and the rest when it comes back. */
  close(): void {
    this.closed = true;
    for (const connection of this.idle.splice(0)) void connection.destroy();
  }
}
