/** One call on its way: its request, the answer so far, and how it ends. */
import { bounded } from "../../core/escape.ts";
import type { Call } from "../../core/plugin.ts";
import type { Address } from "../address.ts";
import { type Ending, outcomeOfStatus } from "../failure.ts";
import type { AnswerHead, Carried } from "../wire/carried.ts";
import { type HttpRequest, isIdempotent } from "../wire/request.ts";
import { requestText } from "../wire/shown.ts";
import { CONNECT, RECEIVE, REDIRECTS, RESENT, REUSED, TLS, TTFB } from "./metrics.ts";
import { follow, isRedirect } from "./redirect.ts";
import { type Kept, Reply } from "./reply.ts";
import { cookiesOf, type Session } from "./session.ts";

const MESSAGE_CHARACTERS = 200;

/** What is the same for all calls of an endpoint. */
export interface Task extends Kept {
  /** Checks speak of the status: it is theirs to judge. */
  readonly statusIsChecked: boolean;
  readonly redirects: number;
  /** How many of the metrics its calls give. */
  readonly metrics: number;
  /** Sees every ending before the engine does, and may change it; the call was cut where there is none. */
  readonly settle: ((exchange: Exchange, ending: Ending | null) => Ending | null) | null;
}

/** Where an exchange goes, and for whom. */
export interface Errand {
  readonly task: Task;
  readonly call: Call;
  readonly session: Session;
  /** The token that it goes with. */
  readonly token: string | null;
}

export class Exchange implements Carried {
  readonly call: Call;
  readonly session: Session;
  readonly token: string | null;
  address: Address;
  request: HttpRequest;
  /** Of this hop; null before its head came. */
  reply: Reply | null = null;
  private readonly task: Task;
  private hops = 0;
  private location: string | null = null;
  private started = false;
  private isResent = false;

  constructor({ task, call, session, token }: Errand, address: Address, request: HttpRequest) {
    this.task = task;
    this.call = call;
    this.session = session;
    this.token = token;
    this.address = address;
    this.request = request;
  }

  start(): void {
    const { body, path } = this.request;
    this.call.asked?.(body, path);
    this.call.show?.(() => requestText(this.outgoing()));
    this.session.lane.carry(this, this.address);
  }

  /** The request of this hop as it goes, with the user's cookies. */
  outgoing(): HttpRequest {
    const { cookies } = this.session;
    return cookies === null ? this.request : cookies.onto(this.request, this.address);
  }

  mark(step: "connect" | "tls"): void {
    const metric = step === "tls" ? TLS : CONNECT;
    if (metric < this.task.metrics) this.call.mark(metric);
  }

  /** Said of each hop. */
  connected(reused: boolean): void {
    this.call.value(REUSED, reused ? 1 : 0);
  }

  head(head: AnswerHead): void {
    this.call.mark(TTFB);
    const reply = new Reply(head, this.task);
    this.reply = reply;
    if (head.setsCookies)
      cookiesOf(this.session).take(head.fields().values("set-cookie"), this.address, this.request.path);
    if (this.task.redirects > 0 && isRedirect(head.code)) this.location = reply.header("location") ?? null;
  }

  data(bytes: Buffer, from: number, to: number): null {
    if (this.location !== null) return null;
    if (!this.started) {
      this.started = true;
      this.call.item();
    }
    this.reply!.add(bytes, from, to);
    return null;
  }

  /** Where it was not read, or may be done twice (RFC 9110 9.2.2). */
  again(isSmall: boolean): boolean {
    if (this.isResent || !(isSmall || isIdempotent(this.request))) return false;
    this.isResent = true;
    this.call.value(RESENT, 1);
    return true;
  }

  /** The answer is complete. */
  complete(): void {
    this.call.mark(RECEIVE);
    if (this.location === null) this.judge();
    else this.hop(this.location);
  }

  fail(ending: Ending): void {
    this.end(ending);
  }

  /** The engine cut the call: nothing may be said to it any more. */
  cut(): void {
    this.task.settle?.(this, null);
  }

  private judge(): void {
    const { code, status } = this.reply!;
    const outcome = this.task.statusIsChecked ? "ok" : outcomeOfStatus(code);
    this.end({ outcome, status, message: outcome === "ok" ? "" : this.errorText() });
  }

  private hop(location: string): void {
    const next = follow(this, this.reply!.code, location);
    this.hops++;
    if (next === undefined) this.strand(`expected an http address in location, found "${location}"`);
    else if (this.hops > this.task.redirects)
      this.strand(`more than ${this.task.redirects} redirects, the last to "${location}"`);
    else {
      this.address = next.address;
      this.request = next.request;
      this.location = null;
      this.reply = null;
      this.start();
    }
  }

  /** The redirects lead nowhere. */
  private strand(message: string): void {
    this.end({ outcome: "invalid", status: this.reply!.status, message });
  }

  private end(ending: Ending): void {
    if (this.hops > 0) this.call.value(REDIRECTS, this.hops);
    const { outcome, status, message } = this.task.settle?.(this, ending) ?? ending;
    this.call.end(outcome, status, this.reply, message);
  }

  private errorText(): string {
    const { statusText } = this.reply!;
    const body = bounded(this.reply!.text().trim(), MESSAGE_CHARACTERS);
    return body === "" ? statusText : statusText === "" ? body : `${statusText}: ${body}`;
  }
}
