/** One call on its way: its request, the answer so far, and how it ends. */
import { bounded } from "../../core/escape.ts";
import type { Call } from "../../core/plugin.ts";
import type { Address } from "../address.ts";
import { type Ending, outcomeOfStatus } from "../failure.ts";
import type { Lane } from "./lane.ts";
import { follow, isRedirect } from "./redirect.ts";
import { Reply } from "./reply.ts";
import type { HttpRequest } from "./request.ts";

const MESSAGE_CHARACTERS = 200;

/** What is the same for all calls of an endpoint. */
export interface Task {
  /** Bytes of the body to keep. */
  readonly keep: number;
  /** Checks speak of the status: it is theirs to judge. */
  readonly statusIsChecked: boolean;
  readonly redirects: number;
  /** Sees every ending before the engine does, and may change it; the call was cut where there is none. */
  readonly settle: ((exchange: Exchange, ending: Ending | null) => Ending | null) | null;
}

/** Where an exchange goes, and for whom. */
export interface Errand {
  readonly task: Task;
  readonly call: Call;
  readonly lane: Lane;
  /** The user's own, for `settle`. */
  readonly session: unknown;
}

export class Exchange {
  readonly call: Call;
  readonly session: unknown;
  address: Address;
  request: HttpRequest;
  reply: Reply;
  ready = false;
  private readonly task: Task;
  private readonly lane: Lane;
  private hops = 0;
  private location: string | null = null;
  private started = false;

  constructor({ task, call, lane, session }: Errand, address: Address, request: HttpRequest) {
    this.task = task;
    this.call = call;
    this.lane = lane;
    this.session = session;
    this.address = address;
    this.request = request;
    this.reply = new Reply(task.keep);
  }

  start(): void {
    this.lane.take(this.address).start(this);
  }

  /** Said of each hop; the call is ready once. */
  connected(): void {
    if (this.ready) return;
    this.ready = true;
    this.call.ready();
  }

  head(code: number, headers: readonly Buffer[], statusText: string): void {
    this.reply.head(code, headers, statusText);
    if (this.task.redirects > 0 && isRedirect(code)) this.location = this.reply.header("location") ?? null;
  }

  data(chunk: Buffer): void {
    if (this.location !== null) return;
    if (!this.started) {
      this.started = true;
      this.call.item();
    }
    this.reply.add(chunk);
  }

  /** The answer is complete. */
  complete(): void {
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
    const { code, status } = this.reply;
    const outcome = this.task.statusIsChecked ? "ok" : outcomeOfStatus(code);
    this.end({ outcome, status, message: outcome === "ok" ? "" : this.errorText() });
  }

  private hop(location: string): void {
    const next = follow(this, this.reply.code, location);
    this.hops++;
    if (next === undefined) this.strand(`expected an http address in location, found "${location}"`);
    else if (this.hops > this.task.redirects)
      this.strand(`more than ${this.task.redirects} redirects, the last to "${location}"`);
    else {
      this.address = next.address;
      this.request = next.request;
      this.location = null;
      this.reply = new Reply(this.task.keep);
      this.start();
    }
  }

  /** The redirects lead nowhere. */
  private strand(message: string): void {
    this.end({ outcome: "invalid", status: this.reply.status, message });
  }

  private end(ending: Ending): void {
    const { outcome, status, message } = this.task.settle?.(this, ending) ?? ending;
    this.call.end(outcome, status, this.reply.code === 0 ? null : this.reply, message);
  }

  private errorText(): string {
    const { statusText } = this.reply;
    const body = bounded(this.reply.text().trim(), MESSAGE_CHARACTERS);
    return body === "" ? statusText : statusText === "" ? body : `${statusText}: ${body}`;
  }
}
