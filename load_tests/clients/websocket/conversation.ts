/** One WebSocket of one user: opened by a call, carrying messages until either side closes it. */
import type { Call, User } from "../../core/plugin.ts";
import { connectTimeout, type Ending } from "../failure.ts";
import { WaitingCalls } from "../waiting.ts";
import type { Asked, Link, OpenLink, Told, Way } from "./link.ts";
import { ANSWERED, Message } from "./message.ts";
import { Outbox, type Outstanding, type Sending } from "./outbox.ts";
import type { SentAt } from "./push.ts";

/** What all conversations of a client share. */
export interface Hub extends Way {
  readonly open: OpenLink;
  readonly connectTimeout: number;
  /** Close after each message. */
  readonly once: boolean;
  /** Sends a ping so often; null for never. */
  readonly ping: { every(fn: () => void): () => void; begin(user: User): Call | null } | null;
  /** What counts as unasked, and the call that counts it; null where nobody does. */
  readonly pushes: { readonly sentAt: SentAt; begin(user: User, since: number): Call | null } | null;
  /** Links that are not closed yet, so that close finds them. */
  readonly all: Set<Link>;
}

export interface Opening extends Asked {
  readonly user: User;
}

export class Conversation implements Told {
  private readonly hub: Hub;
  private readonly link: Link;
  private readonly waiting = new WaitingCalls();
  private readonly outbox = new Outbox();
  /** Those that a call was told of. */
  private bytesRead = 0;
  /** The call that opens; null once it has ended. */
  private opener: Call | null;
  private over = false;
  private readonly user: User;
  private stopPings: () => void = () => {};
  /** The ping that waits for its pong. */
  private pinged: Call | null = null;

  /** Begins to open; the call ends when messages can be sent. Throws where the URL or a header cannot be written. */
  constructor(hub: Hub, opening: Opening, call: Call) {
    this.hub = hub;
    this.user = opening.user;
    this.opener = call;
    this.link = hub.open(hub, opening, this);
    hub.all.add(this.link);
    call.onAbort = () => {
      this.opener = null;
      this.drop(CUT);
    };
    if (hub.connectTimeout < call.timeout) call.at(hub.connectTimeout, () => this.expire());
  }

  /** Whether messages can be sent, now or once it is open. */
  get isUsable(): boolean {
    return !this.over && (this.opener !== null || this.link.isOpen);
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
    this.link.close();
  }

  private sendNow(call: Call, sending: Sending): void {
    call.show?.(() => sending.data.toString());
    const entry = this.outbox.add(call, sending);
    call.onAbort = () => {
      this.outbox.remove(entry);
      this.drop(DROPPED);
    };
    call.sent(this.link.send(sending, sending.replies > 0 ? null : () => this.written(entry)));
  }

  private written(entry: Outstanding): void {
    if (this.outbox.remove(entry)) this.finish(entry.call, null);
  }

  message(bytes: Buffer, from: number, to: number): void {
    const message = new Message(bytes, from, to);
    const since = this.hub.pushes?.sentAt(message);
    const entry = this.outbox.match(message, since !== undefined);
    if (entry === undefined && since !== undefined) this.count(message, since);
    const call = entry?.call ?? this.outbox.first?.call;
    if (call !== undefined) this.countReceived(call);
    if (entry === undefined) return;
    entry.call.item();
    entry.left--;
    entry.size += to - from;
    message.size = entry.size;
    if (entry.left > 0) return;
    if (entry.sending.keeps) message.keep();
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
    this.pinged = call;
    if (call !== null)
      call.onAbort = () => {
        this.pinged = null;
      };
    const bytes = this.link.ping();
    call?.sent(bytes);
  }

  pong(): void {
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

  opened(sent: number): void {
    const call = this.opener;
    if (this.over || call === null) return;
    this.opener = null;
    call.sent(sent);
    this.countReceived(call);
    call.end("ok", "101");
    if (this.hub.ping !== null) this.stopPings = this.hub.ping.every(() => this.ping());
    this.waiting.go();
  }

  private expire(): void {
    if (!this.link.isConnected) this.drop(connectTimeout(this.hub.address.authority, this.hub.connectTimeout));
  }

  gone(): void {
    this.hub.all.delete(this.link);
  }

  /** The connection goes at once, unless it closes already. */
  private drop(ending: Ending): void {
    if (!this.over) this.link.terminate();
    this.ended(ending);
  }

  /** Calls under way end so. */
  ended(ending: Ending): void {
    this.over = true;
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
    const bytes = this.link.bytesRead;
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
