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
import { type Ending, endingByHttp, tooLarge } from "../status.ts";
import { hasContent } from "../wire.ts";
import type { FastChannel, Rider } from "./channel.ts";
import { decompressed } from "./compression.ts";
import { conclusionOf } from "./conclusion.ts";
import { endingByConnect, endingByLoss, endingByReset, endingByViolation, otherKind, REFUSED } from "./ending.ts";
import { MessageReader, type MessageSink } from "./messages.ts";
import { metadataValue } from "./metadata.ts";
import { type OutgoingMessage, Upload } from "./upload.ts";

/** Told of each call beside its times. */
export const METRICS: readonly MetricInfo[] = [
  /** 1 for a call that was sent again: the service said that it had not looked at it. */
  { name: "resent", unit: "" },
];
const RESENT = 0;

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
  private readonly requestHead: Head;
  private readonly upload: Upload;
  private readonly reader: MessageReader;
  private connection: Connection | null = null;
  private stream: Stream | null = null;
  /** The connection that it waits for. */
  private awaited: Connection | null = null;
  private answerHead: Fields | null = null;
  private answerTrailers: Fields | null = null;
  private again = false;
  private over = false;

  constructor(plan: CallPlan, call: Call, channel: FastChannel, outgoing: Outgoing) {
    this.plan = plan;
    this.call = call;
    this.channel = channel;
    this.requestHead = outgoing.head;
    this.upload = new Upload(outgoing.messages, call);
    this.reader = new MessageReader(this, plan.maxMessageSize);
  }

  start(): void {
    const { plan, call, upload } = this;
    const { count } = upload;
    plan.inFlight.count++;
    call.onAbort = () => this.cancel();
    const first = plan.interval === 0 ? count : 1;
    upload.release(first);
    this.seek();
    for (let i = first; i < count; i++) call.at(i * plan.interval, () => this.release());
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
    this.stream = connection.start(this, this.requestHead);
    this.write();
  }

  strand(why: string): void {
    this.end(endingByConnect(why), false);
  }

  private release(): void {
    this.upload.release(1);
    if (!this.over) this.write();
  }

  private write(): void {
    if (this.stream !== null) this.upload.write(this.connection!, this.stream);
  }

  sent(): void {
    this.upload.sent();
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
    this.upload.rewind();
    this.seek();
  }

  private conclusion(): Ending {
    const { answerTrailers: trailers, received, reader, plan } = this;
    return conclusionOf({
      trailers,
      http: this.http(),
      count: received.count,
      isCut: reader.isCut,
      isStream: plan.stream,
    });
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
