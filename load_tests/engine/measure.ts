/** One call under way: stamps its times, keeps its deadline, runs its checks, and is the sample that is recorded. */
import { failedCheck } from "../core/check.ts";
import { bounded } from "../core/escape.ts";
import { LOGGED_CHARACTERS, type TappedCall } from "../core/logged_call.ts";
import type { Ms, Outcome } from "../core/model.ts";
import type { Answer, Call } from "../core/plugin.ts";
import { formatMs } from "../core/units.ts";
import type { Ended, StepValues } from "../core/workload.ts";
import type { Bench, CompiledOp, Errand } from "./bench.ts";
import type { Sample } from "./sample.ts";
import { exchangeText } from "./shown.ts";
import { NOWHERE, type Timer, timerFor } from "./wheel.ts";

const MAX_MESSAGE = 300;
const MAX_PATH = 2000;
/** A service that is told the deadline may say so itself at that instant: such a word and our own are one. */
const AT_THE_DEADLINE: Ms = 5;
/** Characters kept of the first answers of a kind of failure. */
const MAX_ANSWER = 1000;

const UNTIMED: Ms = -1;

/**
 * Ends once, by the client or by the engine; whatever a client says after that is ignored, so none is used again for
 * another call. It is call, timer and sample in one: with an object for each, a call cost twice the time.
 */
export class PendingCall implements Call, Sample, Timer {
  slot = NOWHERE;
  firesAt: Ms = 0;
  newer: Timer | null = null;
  older: Timer | null = null;
  /** Among the open calls. */
  place = 0;
  onAbort: (() => void) | null = null;
  readonly start: Ms;
  ended: Ms = UNTIMED;
  readonly phase: number;
  outcome: Outcome = "aborted";
  status = "";
  message = "";
  checked = 0;
  sentBytes = 0;
  receivedBytes = 0;
  items = 0;
  first: Ms = UNTIMED;
  last: Ms = UNTIMED;
  readonly values: number[] | null;
  private readonly bench: Bench;
  private readonly compiled: CompiledOp;
  private readonly errand: Errand;
  private marked: Ms;
  private readonly expires: Ms;
  private timers: Timer[] | null = null;
  private over = false;
  private answer: Answer | null = null;
  private request = "";
  private askedBytes: number | null = null;
  private path = "";

  constructor(bench: Bench, compiled: CompiledOp, errand: Errand) {
    this.bench = bench;
    this.compiled = compiled;
    this.errand = errand;
    const now = bench.clock.now();
    this.start = errand.start ?? now;
    this.marked = this.start;
    this.phase = bench.phaseAt(errand.due);
    this.values = bench.recorder.asksValues[compiled.id] ? [] : null;
    this.expires = now + compiled.timeout;
    bench.wheel.add(this, Math.min(this.expires, errand.cutAt));
    bench.open.add(this);
  }

  get op(): number {
    return this.compiled.id;
  }

  get due(): Ms {
    return this.errand.due;
  }

  get timeout(): Ms {
    return this.compiled.timeout;
  }

  get begun(): Ms {
    return this.start;
  }

  now(): Ms {
    return this.bench.clock.now();
  }

  sent(bytes: number): void {
    if (!this.over) this.sentBytes += bytes;
  }

  asked(content: string | Uint8Array | null, path: string): void {
    if (this.bench.tap === null || this.askedBytes !== null) return;
    this.askedBytes = content === null ? 0 : Buffer.byteLength(content);
    this.path = bounded(path, MAX_PATH);
  }

  received(bytes: number): void {
    if (!this.over) this.receivedBytes += bytes;
  }

  item(): void {
    if (this.over) return;
    this.items++;
    const { first, gap } = this.compiled.places;
    if (first < 0 && gap < 0) return;
    const now = this.bench.clock.now();
    if (this.items === 1) this.first = now;
    else this.metric(gap, now - this.last);
    this.last = now;
  }

  get span(): Ms {
    return this.items < 2 ? 0 : this.last - this.first;
  }

  mark(index: number): void {
    if (this.over) return;
    const now = this.bench.clock.now();
    this.value(index, now - this.marked);
    this.marked = now;
  }

  value(index: number, value: number): void {
    if (this.over) return;
    const place = this.compiled.places.extra + index;
    if (this.values !== null) this.values[place] = value;
    this.metric(place, value);
  }

  show(request: () => string): void {
    if (this.bench.show !== null) this.request = request();
  }

  private metric(place: number, value: number): void {
    this.bench.recorder.metric(this.compiled.id, this.phase, place, value);
  }

  at(delay: Ms, fn: () => void): void {
    if (this.over) return;
    const timer = timerFor(fn);
    this.timers ??= [];
    this.timers.push(timer);
    this.bench.wheel.add(timer, this.bench.clock.now() + delay);
  }

  end(outcome: Outcome, status: string, answer: Answer | null = null, message = ""): void {
    if (this.over) return;
    const { bench } = this;
    this.ended = bench.clock.now();
    const isCut = outcome === "timeout" || (outcome !== "ok" && status === this.compiled.op.cutStatus);
    if (isCut && this.ended >= this.expires - AT_THE_DEADLINE) {
      this.expire(null);
      return;
    }
    this.outcome = outcome;
    this.status = status;
    this.message = message;
    if (outcome === "ok" && answer !== null) this.inspect(answer);
    const isAsked = bench.show !== null || bench.tap !== null || this.errand.hold !== null;
    if (isAsked || this.outcome !== "ok") this.answer = answer;
    this.close(null);
  }

  /** Runs the checks, and takes out what later steps need: what is wrong or missing makes the call invalid. */
  private inspect(answer: Answer): void {
    const { check, captor } = this.compiled;
    if (check !== null) {
      const failed = check(answer, this.ended - this.start);
      this.checked = failed === null ? 1 : -1;
      if (failed !== null) {
        this.invalidate(failedCheck(failed, answer));
        return;
      }
    }
    const missing = captor === null ? null : captor.take(answer, this.errand.values as StepValues);
    if (missing !== null) this.invalidate(missing);
  }

  private invalidate(why: string): void {
    this.outcome = "invalid";
    this.message = why;
  }

  /** The time of the call, or of the run, is over. */
  fire(): void {
    if (this.over) return;
    if (this.expires > this.errand.cutAt) {
      this.cut();
      return;
    }
    this.ended = this.bench.clock.now();
    this.expire(this.onAbort);
  }

  /** Cuts the call at the end of the run: neither ok nor a failure. */
  cut(): void {
    if (this.over) return;
    this.ended = this.bench.clock.now();
    this.close(this.onAbort);
  }

  private expire(onAbort: (() => void) | null): void {
    this.outcome = "timeout";
    this.status = this.compiled.op.timeoutStatus ?? "TIMEOUT";
    this.message = `no answer in ${formatMs(this.timeout)}`;
    this.close(onAbort);
  }

  private close(onAbort: (() => void) | null): void {
    this.over = true;
    const { bench, compiled, errand, outcome } = this;
    bench.open.remove(this);
    bench.wheel.cancel(this);
    if (this.timers !== null) for (const timer of this.timers) bench.wheel.cancel(timer);
    onAbort?.();
    if (bench.show !== null) this.showTo(bench.show);
    if (outcome !== "ok") compiled.captor?.clear(errand.values as StepValues);
    this.message = this.shown(this.message);
    if (outcome === "unsent") {
      bench.recorder.unsent(compiled.id, this.phase, errand.due, "machine");
      bench.machineFault(this.status);
    } else if (errand.hold !== null) errand.hold(this.held());
    else this.record();
    if (errand.hold === null) this.answer = null;
    errand.done(outcome === "ok");
  }

  private showTo(show: (text: string) => void): void {
    const { request, outcome, status, message, answer } = this;
    const { name } = this.compiled.op;
    const elapsed = this.ended - this.start;
    const mask = { text: this.bench.mask, add: () => {} };
    show(exchangeText({ name, request, outcome, status, message, elapsed, answer }, mask));
  }

  private record(): void {
    this.bench.recorder.add(this);
    const { tap } = this.bench;
    if (tap?.takes()) tap.add(this.logged(tap.bodies));
  }

  private logged(bodies: boolean): TappedCall {
    return {
      op: this.op,
      phase: this.phase,
      due: this.due,
      start: this.start,
      end: this.ended,
      outcome: this.outcome,
      status: this.status,
      message: this.message,
      user: this.errand.user.index,
      requestBytes: this.askedBytes ?? this.sentBytes,
      responseBytes: this.answer?.size ?? 0,
      path: this.path,
      body: bodies && this.answer !== null ? bodyOf(this.answer) : "",
    };
  }

  private held(): Ended {
    const { bench } = this;
    const ended: Ended = {
      end: this.ended,
      duration: this.ended - this.start,
      outcome: this.outcome,
      status: this.status,
      message: this.message,
      answer: this.answer,
      record: (checked, wrong) => {
        if (!bench.held.delete(ended)) return;
        if (checked && this.outcome === "ok") this.judge(wrong);
        this.record();
      },
    };
    bench.held.add(ended);
    return ended;
  }

  /** What code found of a call that it held back. */
  private judge(wrong: string | null): void {
    this.checked = wrong === null ? 1 : -1;
    if (wrong !== null) this.invalidate(this.shown(wrong));
  }

  private shown(message: string): string {
    return message === "" ? "" : bounded(this.bench.mask(message), MAX_MESSAGE);
  }

  excerpt(): string {
    return this.answer === null ? "" : bounded(this.bench.mask(this.answer.text()), MAX_ANSWER);
  }
}

/** Its beginning. */
function bodyOf(answer: Answer): string | Uint8Array {
  const bytes = answer.utf8?.() ?? null;
  if (bytes !== null && bytes.length <= LOGGED_CHARACTERS) return bytes;
  const text = answer.text();
  return text.length > LOGGED_CHARACTERS ? text.slice(0, LOGGED_CHARACTERS + 1) : text;
}

/** Sends one call; an exception while it is built (a value that is missing) makes it `invalid`. */
export function send(bench: Bench, compiled: CompiledOp, errand: Errand): void {
  const call = new PendingCall(bench, compiled, errand);
  try {
    compiled.op.start(errand.user, errand.values, call);
  } catch (error) {
    call.end("invalid", "", null, error instanceof Error ? error.message : String(error));
  }
}
