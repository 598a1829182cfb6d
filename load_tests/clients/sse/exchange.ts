/** One call on its way: its request, the answer as it comes, and the times and counts that it gives. */
import type { MetricInfo } from "../../core/model.ts";
import type { Call } from "../../core/plugin.ts";
import type { Address } from "../address.ts";
import type { Ending } from "../failure.ts";
import type { AnswerHead, Carried } from "../wire/carried.ts";
import type { Lane } from "../wire/lane.ts";
import type { HttpRequest } from "../wire/request.ts";
import { requestText } from "../wire/shown.ts";
import { failureOf, ModelAnswer } from "./answer.ts";
import { EventStream, type ServerEvent } from "./events.ts";

/** Bytes of a body that is not streamed; what is longer is cut off, and then no JSON. */
const LARGEST_BODY = 4 * 1024 * 1024;

/** Time to the first content, and between two events with content. */
export const FIRST: MetricInfo = { name: "ttft", unit: "ms" };
export const GAP: MetricInfo = { name: "inter_token", unit: "ms" };

/**
 * Tokens are those of the server's own count (`usage`). Where it gives none, `chunks` counts the events with content:
 * an event may hold several tokens, so they are never called so. `tpot` is the time of a token after the first,
 * (last - first) / (tokens - 1), and `tokens_per_second` its inverse, as one user sees it.
 */
export const EXTRA = [
  { name: "tokens", unit: "tokens" },
  { name: "prompt_tokens", unit: "tokens" },
  { name: "cached_tokens", unit: "tokens" },
  { name: "chunks", unit: "chunks" },
  { name: "tpot", unit: "ms" },
  { name: "tokens_per_second", unit: "/s" },
] as const satisfies readonly MetricInfo[];

const place = (name: (typeof EXTRA)[number]["name"]): number => EXTRA.findIndex((each) => each.name === name);
const [TOKENS, PROMPT_TOKENS, CACHED_TOKENS] = [place("tokens"), place("prompt_tokens"), place("cached_tokens")];
const [CHUNKS, TPOT, PER_SECOND] = [place("chunks"), place("tpot"), place("tokens_per_second")];

export interface Errand {
  readonly call: Call;
  readonly request: HttpRequest;
  /** Whether a stream was asked for. */
  readonly stream: boolean;
  readonly address: Address;
  readonly lane: Lane;
}

export class Exchange implements Carried {
  readonly call: Call;
  private readonly errand: Errand;
  private answer: ModelAnswer | null = null;
  private statusText = "";
  private events: EventStream | null = null;
  private body: Buffer[] = [];
  private kept = 0;
  private failed: Ending | null = null;

  constructor(errand: Errand) {
    this.call = errand.call;
    this.errand = errand;
  }

  start(): void {
    this.call.show?.(() => requestText(this.outgoing()));
    const { lane, address } = this.errand;
    lane.carry(this, address);
  }

  outgoing(): HttpRequest {
    return this.errand.request;
  }

  mark(): void {}

  connected(): void {}

  cut(): void {}

  /** What a model was asked may cost as much a second time. */
  again(): boolean {
    return false;
  }

  head(head: AnswerHead): void {
    const { code, statusText } = head;
    this.answer = new ModelAnswer(code, head.fields());
    this.statusText = statusText;
    const type = this.answer.header("content-type") ?? "";
    const streams = code < 300 && this.errand.stream && /^text\/event-stream\b/i.test(type);
    this.events = streams ? new EventStream((event) => this.take(event)) : null;
  }

  data(bytes: Buffer, from: number, to: number): Ending | null {
    const answer = this.answer!;
    const chunk = bytes.subarray(from, to);
    answer.size += chunk.length;
    if (this.events === null) this.keep(chunk);
    else
      try {
        this.events.push(chunk);
      } catch (error) {
        this.failed ??= answer.invalid((error as Error).message);
      }
    return this.failed;
  }

  /** The answer is complete. */
  complete(): void {
    const answer = this.answer!;
    const ending = this.events === null ? this.judgeBody(answer) : answer.ending();
    if (ending.outcome === "ok") this.count(answer);
    this.fail(ending);
  }

  fail({ outcome, status, message }: Ending): void {
    this.call.end(outcome, status, this.answer, message);
  }

  private take({ type, data }: ServerEvent): void {
    const answer = this.answer!;
    if (this.failed !== null) return;
    const before = answer.chunks;
    this.failed = data.trim() === "[DONE]" ? answer.done() : answer.take(data);
    if (type === "error") this.failed ??= answer.invalid(`the stream says: ${data.slice(0, 200)}`);
    if (answer.chunks > before) this.call.item();
  }

  private keep(chunk: Buffer): void {
    if (this.kept >= LARGEST_BODY) return;
    this.body.push(Buffer.from(chunk));
    this.kept += chunk.length;
  }

  /** An answer that is no stream: a failure, a whole completion, or something else. */
  private judgeBody(answer: ModelAnswer): Ending {
    const text = Buffer.concat(this.body).toString("utf8");
    if (answer.code >= 300) {
      answer.keep(text);
      const failure = failureOf(answer.code, this.statusText, text);
      return failure.outcome === "ok" ? answer.invalid(`expected an answer, found ${failure.message}`) : failure;
    }
    const wrong = answer.takeWhole(text);
    if (wrong !== null) answer.keep(text);
    if (wrong !== null) return wrong;
    return this.errand.stream
      ? answer.invalid("expected a stream (text/event-stream), found a whole answer: set stream: false")
      : answer.ending();
  }

  private count({ usage, chunks }: ModelAnswer): void {
    const { call } = this;
    const tokens = usage?.tokens ?? null;
    if (usage?.promptTokens != null) call.value(PROMPT_TOKENS, usage.promptTokens);
    if (usage?.cachedTokens != null) call.value(CACHED_TOKENS, usage.cachedTokens);
    if (tokens === null) {
      if (this.events !== null) call.value(CHUNKS, chunks);
      return;
    }
    call.value(TOKENS, tokens);
    if (tokens < 2 || call.span === 0) return;
    call.value(TPOT, call.span / (tokens - 1));
    call.value(PER_SECOND, ((tokens - 1) * 1000) / call.span);
  }
}
