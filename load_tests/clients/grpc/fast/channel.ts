/** A channel: one connection to the service, made anew when calls need it. */
import { Connection } from "../../http2/connection.ts";
import type { Place } from "../../http2/dial.ts";
import { describeError } from "../../socket.ts";
import type { ChannelState } from "../pool.ts";

/**
 * The channel whose answer is being told right now: calls that begin as one ends go over the same connection. Strictly in
 * turn they would need a write each, for twice the CPU a call (10 channels, 100 calls at once).
 */
export interface Telling {
  channel: FastChannel | null;
}

/** A call, as its channel sees it. */
export interface Rider {
  /** The connection to go over. */
  board(connection: Connection): void;
  /** There is none, and why. */
  strand(why: string): void;
}

/**
 * A service that is away is tried again by each call that needs it, one connection at a time, so that all calls that wait
 * for it meanwhile share its fate.
 */
export class FastChannel {
  state: ChannelState = "idle";
  readonly telling: Telling;
  private readonly place: Place;
  private readonly settled: () => void;
  private current: Connection | null = null;
  /** All that are open, also those that take no new calls. */
  private readonly open = new Set<Connection>();
  private readonly waiting = new Set<Rider>();
  private closed = false;

  /** `settled` is called whenever a connection was made, or could not be made. */
  constructor(place: Place, telling: Telling, settled: () => void) {
    this.place = place;
    this.telling = telling;
    this.settled = settled;
  }

  /** Gives what it waits for, where it has to wait; null where it is on its way. */
  take(rider: Rider): Connection | null {
    if (this.current?.state === "ready") {
      rider.board(this.current);
      return null;
    }
    if (this.closed) {
      rider.strand("the client was closed");
      return null;
    }
    this.waiting.add(rider);
    return this.connect();
  }

  forget(rider: Rider): void {
    this.waiting.delete(rider);
  }

  connect(): Connection {
    this.current ??= this.dial();
    return this.current;
  }

  /** A connection did not come in time: a new one is made for those who still wait. */
  giveUp(connection: Connection): void {
    if (this.current !== connection || connection.state !== "opening") return;
    this.current = null;
    this.state = "failing";
    connection.close();
    if (this.waiting.size > 0) this.connect();
  }

  close(): void {
    this.closed = true;
    for (const connection of this.open) connection.close();
  }

  private dial(): Connection {
    this.state = "connecting";
    const connection: Connection = new Connection(this.place, {
      ready: () => this.onReady(connection),
      leaving: () => this.part(connection),
      closed: (error) => this.onClosed(connection, error),
    });
    this.open.add(connection);
    return connection;
  }

  private onReady(connection: Connection): void {
    if (this.current !== connection) return;
    this.state = "ready";
    this.settled();
    for (const rider of this.waiting) {
      this.waiting.delete(rider);
      rider.board(connection);
    }
  }

  private onClosed(connection: Connection, error: Error): void {
    this.open.delete(connection);
    if (this.current !== connection) return;
    const isNew = this.state === "connecting";
    this.part(connection);
    if (!isNew) return;
    this.state = "failing";
    this.settled();
    const riders = [...this.waiting];
    this.waiting.clear();
    for (const rider of riders) rider.strand(describeError(error));
  }

  private part(connection: Connection): void {
    if (this.current !== connection) return;
    this.current = null;
    this.state = "idle";
  }
}
