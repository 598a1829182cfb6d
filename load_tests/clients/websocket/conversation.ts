/** One WebSocket of one user: opened by a call, carrying messages until either side closes it. */
import type { Socket } from "node:net";
import type { ConnectionOptions } from "node:tls";
import { WebSocket } from "ws";
import type { Call, User } from "../../core/plugin.ts";
import type { Address } from "../address.ts";
import { connectTimeout, type Ending } from "../failure.ts";
import { connectedEvent, openSocket } from "../socket.ts";
import { WaitingCalls } from "../waiting.ts";
import { broken, closed, unopened, unswitched } from "./close.ts";
import { ANSWERED, Message } from "./message.ts";
import { Outbox, type Sending } from "./outbox.ts";
import type { SentAt } from "./push.ts";

/** Milliseconds that the server has to answer a close before the connection is dropped. */
const CLOSE_TIMEOUT = 1000;
/** Bytes of one message; a larger one makes no sense, and must not fill the memory. */
const LARGEST_MESSAGE = 64 * 1024 * 1024;

/** What all conversations of a client share. */
export interface Hub {
  readonly address: Address;
  readonly subprotocols: readonly string[];
  readonly connectTimeout: number;
  /** Close after each message. */
  readonly once: boolean;
  readonly tls: ConnectionOptions;
  /** Sends a ping so often; null for never. */
  readonly ping: { every(fn: () => void): () => void; begin(user: User): Call | null } | null;
  /** What counts as unasked, and the call that counts it; null where nobody does. */
  readonly pushes: { readonly sentAt: SentAt; begin(user: User, since: number): Call | null } | null;
  /** Sockets that are not closed yet, so that close finds them. */
  readonly all: Set<WebSocket>;
}

export interface Opening {
  readonly user: User;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

export class Conversation {
  private readonly hub: Hub;
  private readonly socket: WebSocket;
  private readonly waiting = new WaitingCalls();
  private readonly outbox = new Outbox();
  private wire: Socket | null = null;
  private bytesRead = 0;
  private connected = false;
  /** The call that opens; null once it has ended. */
  private opener: Call | null;
  private over = false;
  private readonly user: User;
  private stopPings: () => void = () => {};
  /** The ping that waits for its pong. */
  private pinged: Call | null = null;

  /** Begins to open; the call ends when messages can be sent. Throws where the URL or a header cannot be written. */
  constructor(hub: Hub, { url, headers, user }: Opening, call: Call) {
    this.hub = hub;
    this.user = user;
    this.opener = call;
    this.socket = new WebSocket(url, [...hub.subprotocols], {
      headers,
      perMessageDeflate: false,
      maxPayload: LARGEST_MESSAGE,
      closeTimeout: CLOSE_TIMEOUT,
      createConnection: () => this.dial(),
    } as WebSocket.ClientOptions);
    hub.all.add(this.socket);
    this.listen();
    call.onAbort = () => {
      this.opener = null;
      this.drop(CUT);
    };
    if (hub.connectTimeout < call.timeout) call.at(hub.connectTimeout, () => this.expire());
  }

  /** Whether messages can be sent, now or once it is open. */
  get isUsable(): boolean {
    return !this.over && (this.opener !== null || this.socket.readyState === WebSocket.OPEN);
  }

  /** Sends a message, after the opening if that is still under way. */
  send(call: Call, sending: Sending): void {
    if (this.opener === null) this.sendNow(call, sending);
    else this.waiting.add(call, () => this.sendNow(call, sending));
  }

  /** Closes in good order; the server has a second to agree. */
  hangUp(): void {
    this.over = true;
    this.endPings({ outcome: "aborted", status: "", message: "" });
    this.socket.close(1000);
  }

  private sendNow(call: Call, sending: Sending): void {
    const wire = this.wire!;
    const before = wire.bytesWritten;
    call.show?.(() => sending.data.toString());
    const entry = this.outbox.add(call, sending);
    call.onAbort = () => {
      this.outbox.remove(entry);
      this.drop(DROPPED);
    };
    this.socket.send(sending.data, { binary: sending.binary }, (error) => {
      if (error) this.drop(broken(error));
      else if (sending.replies === 0 && this.outbox.remove(entry)) this.finish(call, null);
    });
    call.sent(wire.bytesWritten - before);
  }

  private receive(data: Buffer): void {
    const message = new Message(data);
    const since = this.hub.pushes?.sentAt(message);
    const entry = this.outbox.match(message, since !== undefined);
    if (entry === undefined && since !== undefined) this.count(message, since);
    const call = entry?.call ?? this.outbox.first?.call;
    if (call !== undefined) this.countReceived(call);
    if (entry === undefined) return;
    entry.call.item();
    entry.left--;
    entry.size += data.length;
    message.size = entry.size;
    if (entry.left > 0) return;
    this.outbox.remove(entry);
    this.finish(entry.call, message);
  }

  /** A push: a call of its own, from the time that it says to now. */
  private count(message: Message, since: number): void {
    const call = this.hub.pushes!.begin(this.user, since);
    if (call === null) return;
    this.countReceived(call);
    call.end("ok", ANSWERED, message);
  }

  private ping(): void {
    if (this.over || this.pinged !== null) return;
    const call = this.hub.ping!.begin(this.user);
    const before = this.wire!.bytesWritten;
    this.pinged = call;
    if (call !== null)
      call.onAbort = () => {
        this.pinged = null;
      };
    this.socket.ping();
    call?.sent(this.wire!.bytesWritten - before);
  }

  private pong(): void {
    const call = this.pinged;
    this.pinged = null;
    if (call === null) return;
    this.countReceived(call);
    call.end("ok", "PONG");
  }

  private endPings(ending: Ending): void {
    this.stopPings();
    const call = this.pinged;
    this.pinged = null;
    if (call !== null) this.fail(call, ending);
  }

  private finish(call: Call, message: Message | null): void {
    if (this.hub.once && this.outbox.first === undefined) this.hangUp();
    call.end("ok", ANSWERED, message);
  }

  private dial(): Socket {
    this.wire = openSocket(this.hub.address, this.hub.tls);
    return this.wire.once(connectedEvent(this.hub.address), () => {
      this.connected = true;
    });
  }

  private listen(): void {
    const { socket } = this;
    socket.on("open", () => this.opened());
    socket.on("message", (data) => this.receive(data as Buffer));
    socket.on("pong", () => this.pong());
    socket.on("unexpected-response", (_request, { statusCode = 0, statusMessage = "" }) =>
      this.drop(unswitched(statusCode, statusMessage)),
    );
    socket.on("error", (error) => this.drop(this.opener === null ? broken(error) : unopened(error, this.connected)));
    socket.on("close", (code, reason) => {
      this.hub.all.delete(socket);
      this.drop(closed(code, reason.toString()));
    });
  }

  private opened(): void {
    const call = this.opener;
    if (this.over || call === null) return;
    this.opener = null;
    call.sent(this.wire!.bytesWritten);
    this.countReceived(call);
    call.end("ok", "101");
    if (this.hub.ping !== null) this.stopPings = this.hub.ping.every(() => this.ping());
    this.waiting.go();
  }

  private expire(): void {
    if (!this.connected) this.drop(connectTimeout(this.hub.address.authority, this.hub.connectTimeout));
  }

  /** The end of it: calls under way end so, and the connection goes at once. */
  private drop(ending: Ending): void {
    const first = !this.over;
    this.over = true;
    if (first) this.socket.terminate();
    this.endPings(ending);
    const { opener } = this;
    this.opener = null;
    if (opener !== null) this.fail(opener, ending);
    this.waiting.fail(ending);
    for (const call of this.outbox.empty()) this.fail(call, ending);
  }

  private fail(call: Call, { outcome, status, message }: Ending): void {
    this.countReceived(call);
    call.end(outcome, status, null, message);
  }

  private countReceived(call: Call): void {
    const bytes = this.wire?.bytesRead ?? 0;
    if (bytes > this.bytesRead) call.received(bytes - this.bytesRead);
    this.bytesRead = bytes;
  }
}

const CUT: Ending = {
  outcome: "invalid",
  status: "NO_CONNECTION",
  message: "the opening of this user's connection was cut",
};

const DROPPED: Ending = {
  outcome: "reset",
  status: "CLOSED",
  message: "another call of this user was cut, and the connection with it",
};
