/** One call on a connection of our own. */
import type { MetricInfo } from "../../../core/model.ts";
import type { Call } from "../../../core/plugin.ts";
import type { Connection } from "../../http2/connection.ts";
import { ErrorCode } from "../../http2/errors.ts";
import type { Fields } from "../../http2/fields.ts";
import type { Head } from "../../http2/head_writer.ts";
import type { Closing, Stream, StreamListener } from "../../http2/stream.ts";
import { GrpcAnswer, type Received } from "../answer.ts";
import type { CallPlan } from "../driver.ts";
import { Pieces } from "../pieces.ts";
import { type Ending, endingByHttp, OK, tooLarge } from "../status.ts";
import { hasContent } from "../wire.ts";
import type { FastChannel, Rider } from "./channel.ts";
import { decompressed } from "./compression.ts";
import {
  endingByConnect,
  endingByLoss,
  endingByReset,
  endingByTrailers,
  endingByViolation,
  otherKind,
  REFUSED,
} from "./ending.ts";
import { MessageReader, type MessageSink } from "./messages.ts";
import { metadataValue } from "./metadata.ts";

/** Told of each call beside its times. */
export const METRICS: readonly MetricInfo[] = [
  /** 1 for a call that was sent again: the service said that it had not looked at it. */
  { name: "resent", unit: "" },
];
const RESENT = 0;

/** A message that goes out: in its frame, and the bytes that it has without. */
export interface OutgoingMessage {
  readonly frame: Buffer;
  readonly size: number;
}

/** What goes out. */
export interface Outgoing {
  readonly head: Head;
  readonly messages: readonly OutgoingMessage[];
}

export class FastCall implements Rider, StreamListener, MessageSink, Received {
  readonly plan: CallPlan;
  readonly received = new Pieces();
  private readonly call: Call;
  private readonly channel: FastChannel;
  private readonly outgoing: Outgoing;
  private readonly reader: MessageReader;
  private connection: Connection | null = null;
  private stream: Stream | null = null;
  /** The connection that it waits for. */
  private awaited: Connection | null = null;
  /** Messages that are due, that were given to this stream, that went out on it, and that were ever counted. */
  private due = 0;
  private given = 0;
  private gone = 0;
  private counted = 0;
  private answerHead: Fields | null = null;
  private answerTrailers: Fields | null = null;
  private again = false;
  private over = false;

  constructor(plan: CallPlan, call: Call, channel: FastChannel, outgoing: Outgoing) {
    this.plan = plan;
    this.call = call;
    this.channel = channel;
    this.outgoing = outgoing;
    this.reader = new MessageReader(this, plan.maxMessageSize);
  }

  start(): void {
    const { plan, call, outgoing } = this;
    plan.inFlight.count++;
    call.onAbort = () => this.cancel();
    const { length } = outgoing.messages;
    this.due = plan.interval === 0 ? length : 1;
    this.seek();
    for (let i = this.due; i < length; i++) call.at(i * plan.interval, () => this.release());
  }

  /** Asks for a connection, for as long as it may take. */
  private seek(): void {
    const attempt = this.channel.take(this);
    if (attempt === null) return;
    this.awaited = attempt;
    this.call.at(this.plan.connectTimeout, () => this.expire(attempt));
  }

  private expire(attempt: Connection): void {
    if (this.over || this.awaited !== attempt) return;
    this.channel.forget(this);
    this.channel.giveUp(attempt);
    const message = `no connection in ${this.plan.connectTimeout} ms`;
    this.end({ outcome: "refused", status: "UNAVAILABLE", message }, false);
  }

  board(connection: Connection): void {
    this.awaited = null;
    this.connection = connection;
    this.stream = connection.start(this, this.outgoing.head);
    this.write();
  }

  strand(why: string): void {
    this.end(endingByConnect(why), false);
  }

  private release(): void {
    this.due++;
    if (!this.over) this.write();
  }

  private write(): void {
    const { messages } = this.outgoing;
    while (this.stream !== null && this.given < this.due) {
      const { frame } = messages[this.given++]!;
      this.connection!.send(this.stream, frame, this.given === messages.length);
    }
  }

  sent(): void {
    if (++this.gone <= this.counted) return;
    this.counted++;
    this.call.sent(this.outgoing.messages[this.gone - 1]!.size);
  }

  head(fields: Fields, end: boolean): void {
    this.answerHead = fields;
    if (end) this.trailers(fields);
  }

  trailers(fields: Fields): void {
    this.answerTrailers = fields;
  }

  data(bytes: Buffer, from: number, to: number): void {
    this.reader.feed(bytes, from, to);
  }

  message(bytes: Buffer, from: number, to: number): void {
    if (this.over) return;
    this.received.add(bytes, from, to);
    this.call.received(to - from);
    const { stream, contentField } = this.plan;
    if (stream && (contentField === null || hasContent(bytes.subarray(from, to), contentField))) this.call.item();
  }

  compressedMessage(bytes: Buffer): void {
    if (this.over) return;
    const message = decompressed(bytes, this.answerHead?.get("grpc-encoding"), this.plan.maxMessageSize);
    if (Buffer.isBuffer(message)) this.message(message, 0, message.length);
    else this.breakOff(message);
  }

  tooLarge(bytes: number): void {
    const http = this.http()!;
    const limit = this.plan.maxMessageSize;
    if (http !== 200) this.breakOff(endingByHttp(http));
    else {
      const message = otherKind(this.answerHead!) ?? tooLarge(String(bytes), limit);
      this.breakOff({ outcome: "invalid", status: "RESOURCE_EXHAUSTED", message });
    }
  }

  closed(closing: Closing): void {
    if (closing.kind === "ended") this.end(this.conclusion());
    else if (closing.kind === "lost") this.end(endingByLoss(closing.error));
    else if (closing.kind === "broken") this.end(endingByViolation(closing.message));
    else if (closing.kind === "unsent") this.goElsewhere();
    else if (closing.kind === "unprocessed" || closing.code === ErrorCode.REFUSED_STREAM) this.goAgain();
    else this.end(endingByReset(closing.code, this.http()));
  }

  /** The service has not looked at the call: it is sent once more (gRPC: transparent retries). */
  private goAgain(): void {
    if (this.again || this.answerHead !== null) this.end(REFUSED);
    else {
      this.again = true;
      this.call.value(RESENT, 1);
      this.goElsewhere();
    }
  }

  private goElsewhere(): void {
    this.stream = this.connection = null;
    this.given = this.gone = 0;
    this.seek();
  }

  /** What a whole answer says of the call. */
  private conclusion(): Ending {
    const ending = endingByTrailers(this.answerTrailers, this.http());
    return ending.outcome === "ok" ? this.success() : ending;
  }

  private success(): Ending {
    const { count } = this.received;
    const wrong = (message: string): Ending => ({ outcome: "invalid", status: "OK", message });
    if (this.reader.isCut) return wrong("the service said OK within a message");
    if (this.plan.stream || count === 1) return OK;
    return wrong(
      count === 0 ? "the service said OK and sent no answer" : `the service sent ${count} answers to one call`,
    );
  }

  private http(): number | null {
    return this.answerHead === null ? null : this.answerHead.status;
  }

  private breakOff(ending: Ending): void {
    if (this.stream !== null) this.connection!.cancel(this.stream);
    this.end(ending);
  }

  private end({ outcome, status, message }: Ending, answered = true): void {
    this.finish();
    const empty = outcome === "invalid" && status === "OK" && this.received.count === 0;
    const { telling } = this.channel;
    telling.channel = this.channel;
    this.call.end(outcome, status, answered && !empty ? new GrpcAnswer(status, this) : null, message);
    telling.channel = null;
  }

  header(name: string): string | undefined {
    return metadataValue([this.answerHead, this.answerTrailers], name);
  }

  private finish(): void {
    if (!this.over) this.plan.inFlight.count--;
    this.over = true;
  }

  private cancel(): void {
    this.finish();
    if (this.stream === null) this.channel.forget(this);
    else this.connection!.cancel(this.stream);
  }
}
