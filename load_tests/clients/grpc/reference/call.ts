/** One call on a channel: what grpc-js says of it, told to the engine. */
import {
  type Channel,
  connectivityState,
  type InterceptingListener,
  type Metadata,
  status as Status,
  type StatusObject,
} from "@grpc/grpc-js";
import type { Call } from "../../../core/plugin.ts";
import { GrpcAnswer, type Received } from "../answer.ts";
import type { CallPlan } from "../driver.ts";
import { Pieces } from "../pieces.ts";
import { endingOf } from "../status.ts";
import { hasContent } from "../wire.ts";

type RawCall = ReturnType<Channel["createCall"]>;

/** What goes out. */
export interface Outgoing {
  readonly messages: readonly Buffer[];
  readonly metadata: Metadata;
}

/**
 * Speaks to the channel itself: the request methods of grpc-js's Client add emitters, stacks for errors and
 * interceptors to each call, which cost a tenth of its time. No timer runs here: the engine keeps the deadline.
 */
export class GrpcCall implements InterceptingListener, Received {
  readonly plan: CallPlan;
  readonly received = new Pieces();
  private readonly call: Call;
  private readonly raw: RawCall;
  private outgoing: readonly Buffer[] = [];
  private released = 0;
  private written = 0;
  private writing = false;
  private headers: Metadata | null = null;
  private trailers: Metadata | null = null;
  private connected: boolean;
  private over = false;

  constructor(plan: CallPlan, call: Call, channel: Channel) {
    this.plan = plan;
    this.call = call;
    this.raw = channel.createCall(plan.path, Number.POSITIVE_INFINITY, null, null, null);
    this.connected = channel.getConnectivityState(false) === connectivityState.READY;
    plan.inFlight.count++;
    call.onAbort = () => this.cancel();
    if (!this.connected) call.at(plan.connectTimeout, () => this.expectConnection(channel));
  }

  start({ messages, metadata }: Outgoing): void {
    this.raw.start(metadata, this);
    this.raw.startRead();
    this.outgoing = messages;
    const { interval } = this.plan;
    if (messages.length === 0) this.raw.halfClose();
    else if (interval === 0) this.release(messages.length);
    else {
      this.release(1);
      for (let i = 1; i < messages.length; i++) this.call.at(i * interval, () => this.release(1));
    }
  }

  onReceiveMetadata(metadata: Metadata): void {
    this.headers = metadata;
    this.noteConnection();
  }

  onReceiveMessage(message: Buffer): void {
    if (this.over) return;
    this.received.add(message);
    this.call.received(message.length);
    if (!this.plan.stream) return;
    if (this.plan.contentField === null || hasContent(message, this.plan.contentField)) this.call.item();
    this.raw.startRead();
  }

  onReceiveStatus(status: StatusObject): void {
    if (this.over) return;
    this.finish();
    const {
      outcome,
      status: name,
      message,
    } = endingOf(status, {
      answered: this.headers !== null,
      maxMessageSize: this.plan.maxMessageSize,
    });
    const empty = outcome === "ok" && this.received.count === 0 && !this.plan.stream;
    if (empty) this.call.end("invalid", name, null, "the service said OK and sent no answer");
    else {
      const why = outcome === "invalid" ? (this.otherKind() ?? message) : message;
      this.trailers = status.metadata ?? null;
      this.call.end(outcome, name, new GrpcAnswer(name, this), why);
    }
  }

  /** What is wrong with the headers' content type; null where it is gRPC's. */
  private otherKind(): string | null {
    const [kind = "application/grpc"] = this.headers?.get("content-type") ?? [];
    return String(kind).startsWith("application/grpc") ? null : `expected an answer of gRPC, found ${kind}`;
  }

  header(name: string): string | undefined {
    return headerOf([this.headers, this.trailers], name);
  }

  private noteConnection(): void {
    this.connected = true;
  }

  private expectConnection(channel: Channel): void {
    if (this.connected || channel.getConnectivityState(false) === connectivityState.READY) return;
    this.cancel();
    const { connectTimeout } = this.plan;
    this.call.end("refused", "UNAVAILABLE", null, `no connection in ${connectTimeout} ms`);
  }

  private finish(): void {
    if (!this.over) this.plan.inFlight.count--;
    this.over = true;
  }

  private cancel(): void {
    this.finish();
    this.raw.cancelWithStatus(Status.CANCELLED, "cut by the load test");
  }

  private release(count: number): void {
    this.released += count;
    this.write();
  }

  /** Sends the next message that is due; grpc-js takes one at a time. */
  private write(): void {
    if (this.over || this.writing || this.written === this.released) return;
    const message = this.outgoing[this.written++]!;
    const last = this.written === this.outgoing.length;
    this.writing = true;
    this.call.sent(message.length);
    this.raw.sendMessageWithContext(last ? {} : { callback: () => this.writeNext() }, message);
    if (last) this.raw.halfClose();
  }

  private writeNext(): void {
    this.writing = false;
    this.write();
  }
}

function headerOf(headers: readonly (Metadata | null)[], name: string): string | undefined {
  for (const each of headers) {
    const [value] = each?.get(name) ?? [];
    if (value !== undefined) return value.toString();
  }
  return undefined;
}
