/** One call under way: stamps its times, keeps its deadline, runs its checks, and hands the sample to the recorder. */

import type { Captor } from "../core/capture.ts";
import { type Check, failedCheck } from "../core/check.ts";
import { bounded } from "../core/escape.ts";
import { LOGGED_CHARACTERS, type LoggedCall } from "../core/logged_call.ts";
import type { Ms, Outcome } from "../core/model.ts";
import type { Answer, Call, Op, User } from "../core/plugin.ts";
import type { Values } from "../core/template.ts";
import { formatMs } from "../core/units.ts";
import type { Ended, StepValues } from "../core/workload.ts";
import type { Clock } from "./clock.ts";
import type { MetricPlaces, Recorder, Sample } from "./recorder.ts";
import { exchangeText } from "./shown.ts";
import type { Tap } from "./tap.ts";
import { Timer, type Wheel } from "./wheel.ts";

const MAX_MESSAGE = 300;
const MAX_PATH = 2000;
/** A service that is told the deadline may say so itself at that instant: such a word and our own are one. */
const AT_THE_DEADLINE: Ms = 5;
/** Characters kept of the first answers of a kind of failure. */
const MAX_ANSWER = 1000;

/** An op with its place in the recorder and its checks compiled. */
export interface CompiledOp {
  readonly op: Op;
  readonly id: number;
  readonly timeout: Ms;
  readonly places: MetricPlaces;
  readonly check: ((answer: Answer, elapsed: Ms) => Check | null) | null;
  readonly captor: Captor | null;
}

/** What every call of a worker shares. */
export interface Bench {
  readonly clock: Clock;
  readonly wheel: Wheel;
  readonly recorder: Recorder;
  readonly open: Set<PendingCall>;
  /** Takes every call whole, for a log; null where nobody asks. */
  readonly tap: Tap | null;
  /** Ended, and not recorded yet. */
  readonly held: Set<Ended>;
  mask(text: string): string;
  /** Takes each call as text; absent where nobody looks on. */
  readonly show?: ((text: string) => void) | undefined;
  /** Our own machine could not send: said once a kind. */
  machineFault(status: string): void;
}

/** What one call is about. `cutAt` is when the run cuts it if it is still open. */
export interface Errand {
  readonly compiled: CompiledOp;
  readonly user: User;
  readonly values: Values;
  readonly due: Ms;
  /** Now, where absent. */
  readonly start?: Ms;
  readonly phase: number;
  readonly cutAt: Ms;
  readonly done: (outcome: Outcome) => void;
  /** Takes over when the call is recorded. */
  readonly hold?: ((ended: Ended) => void) | undefined;
}

const UNTIMED: Ms = -1;

/** Ends once, by the client or by the engine; whatever a client says after that is ignored. */
export class PendingCall implements Call {
  onAbort: (() => void) | null = null;
  readonly timeout: Ms;
  private readonly bench: Bench;
  private readonly errand: Errand;
  private readonly start: Ms;
  private marked: Ms;
  private readonly deadline: Timer;
  private readonly expires: Ms;
  private timers: Timer[] | null = null;
  private over = false;
  private answer: Answer | null = null;
  private request = "";
  private sentBytes = 0;
  private askedBytes: number | null = null;
  private path = "";
  private receivedBytes = 0;
  private items = 0;
  private first: Ms = UNTIMED;
  private last: Ms = UNTIMED;
  private readonly values: number[] | null;

  constructor(bench: Bench, errand: Errand) {
    this.bench = bench;
    this.errand = errand;
    this.timeout = errand.compiled.timeout;
    const now = bench.clock.now();
    this.start = errand.start ?? now;
    this.marked = this.start;
    this.values = bench.recorder.asksValues[errand.compiled.id] ? [] : null;
    this.expires = now + this.timeout;
    this.deadline = new Timer(this.expires <= errand.cutAt ? () => this.abort(this.expiry()) : () => this.cut());
    bench.wheel.add(this.deadline, Math.min(this.expires, errand.cutAt));
    bench.open.add(this);
  }

  sent(bytes: number): void {
    this.sentBytes += bytes;
  }

  asked(content: string | Uint8Array | null, path: string): void {
    if (this.bench.tap === null || this.askedBytes !== null) return;
    this.askedBytes = content === null ? 0 : Buffer.byteLength(content);
    this.path = bounded(path, MAX_PATH);
  }

  received(bytes: number): void {
    this.receivedBytes += bytes;
  }

  item(): void {
    if (this.over) return;
    const now = this.bench.clock.now();
    if (this.items++ === 0) this.first = now;
    else this.metric(this.errand.compiled.places.gap, now - this.last);
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
    const place = this.errand.compiled.places.extra + index;
    if (this.values !== null) this.values[place] = value;
    this.metric(place, value);
  }

  show(request: () => string): void {
    if (this.bench.show !== undefined) this.request = request();
  }

  private metric(place: number, value: number): void {
    this.bench.recorder.metric(this.errand.compiled.id, this.errand.phase, place, value);
  }

  at(delay: Ms, fn: () => void): void {
    if (this.over) return;
    const timer = new Timer(fn);
    this.timers ??= [];
    this.timers.push(timer);
    this.bench.wheel.add(timer, this.bench.clock.now() + delay);
  }

  end(outcome: Outcome, status: string, answer: Answer | null = null, message = ""): void {
    if (this.over) return;
    const now = this.bench.clock.now();
    if (outcome === "timeout" && now >= this.expires - AT_THE_DEADLINE) {
      this.close(now, this.expiry());
      return;
    }
    const { compiled, hold } = this.errand;
    const { check } = compiled;
    const failed = outcome === "ok" && answer !== null && check !== null ? check(answer, now - this.start) : null;
    const checked = outcome !== "ok" || answer === null || check === null ? 0 : failed === null ? 1 : -1;
    const why = failed !== null ? failedCheck(failed, answer!) : outcome === "ok" ? this.capture(answer) : null;
    const { show, tap } = this.bench;
    const isAsked = hold !== undefined || show !== undefined || tap !== null;
    if (outcome !== "ok" || why !== null || isAsked) this.answer = answer;
    if (why === null) this.close(now, { outcome, status, message, checked });
    else this.close(now, { outcome: "invalid", status, message: why, checked });
  }

  /** A sentence where something that later steps need is not in the answer. */
  private capture(answer: Answer | null): string | null {
    const { compiled, values } = this.errand;
    return answer === null ? null : (compiled.captor?.take(answer, values as StepValues) ?? null);
  }

  /** Cuts the call at the end of the run: neither ok nor a failure. */
  cut(): void {
    this.abort({ outcome: "aborted", status: "", message: "", checked: 0 });
  }

  private expiry(): Ending {
    const { timeoutStatus: status = "TIMEOUT" } = this.errand.compiled.op;
    return { outcome: "timeout", status, message: `no answer in ${formatMs(this.timeout)}`, checked: 0 };
  }

  private abort(ending: Ending): void {
    if (this.over) return;
    const { onAbort } = this;
    this.close(this.bench.clock.now(), ending, onAbort);
  }

  private close(now: Ms, ending: Ending, onAbort: (() => void) | null = null): void {
    this.over = true;
    const { bench, errand } = this;
    bench.open.delete(this);
    bench.wheel.cancel(this.deadline);
    if (this.timers !== null) for (const timer of this.timers) bench.wheel.cancel(timer);
    onAbort?.();
    if (bench.show !== undefined) this.showTo(bench.show, now, ending);
    if (ending.outcome !== "ok") errand.compiled.captor?.clear(errand.values as StepValues);
    if (ending.outcome === "unsent") {
      bench.recorder.unsent(errand.compiled.id, errand.phase, errand.due, "machine");
      bench.machineFault(ending.status);
    } else if (errand.hold !== undefined) errand.hold(this.held(now, ending));
    else this.record(this.sample(now, ending));
    if (errand.hold === undefined) this.answer = null;
    errand.done(ending.outcome);
  }

  private showTo(show: (text: string) => void, now: Ms, { outcome, status, message }: Ending): void {
    const { request, answer } = this;
    const { name } = this.errand.compiled.op;
    const elapsed = now - this.start;
    const mask = { text: this.bench.mask, add: () => {} };
    show(exchangeText({ name, request, outcome, status, message, elapsed, answer }, mask));
  }

  private record(sample: Sample): void {
    this.bench.recorder.add(sample);
    this.bench.tap?.add(this.logged(sample));
  }

  private logged({ op, phase, due, start, end, outcome, status, message }: Sample): LoggedCall {
    const body = this.answer?.text() ?? "";
    return {
      ...{ op, phase, due, start, end, outcome, status, message },
      user: this.errand.user.index,
      requestBytes: this.askedBytes ?? this.sentBytes,
      responseBytes: this.answer?.size ?? 0,
      path: this.path,
      body: body.length > LOGGED_CHARACTERS ? body.slice(0, LOGGED_CHARACTERS + 1) : body,
    };
  }

  private held(end: Ms, ending: Ending): Ended {
    const { bench, answer, start } = this;
    const sample = this.sample(end, ending);
    const ended: Ended = {
      end,
      duration: end - start,
      outcome: ending.outcome,
      status: ending.status,
      message: sample.message,
      answer,
      record: (checked, wrong) => {
        if (!bench.held.delete(ended)) return;
        if (!checked || ending.outcome !== "ok") this.record(sample);
        else if (wrong === null) this.record({ ...sample, checked: 1 });
        else this.record({ ...sample, checked: -1, outcome: "invalid", message: this.shown(wrong) });
      },
    };
    bench.held.add(ended);
    return ended;
  }

  private shown(message: string): string {
    return message === "" ? "" : bounded(this.bench.mask(message), MAX_MESSAGE);
  }

  private sample(end: Ms, { outcome, status, message, checked }: Ending): Sample {
    const { compiled, due, phase } = this.errand;
    const { answer } = this;
    return {
      op: compiled.id,
      phase,
      due,
      start: this.start,
      end,
      outcome,
      status,
      message: this.shown(message),
      sent: this.sentBytes,
      received: this.receivedBytes,
      items: this.items,
      first: this.first,
      last: this.last,
      values: this.values,
      checked,
      excerpt: () => (answer === null ? "" : bounded(this.bench.mask(answer.text()), MAX_ANSWER)),
    };
  }
}

interface Ending {
  readonly outcome: Outcome;
  readonly status: string;
  readonly message: string;
  readonly checked: number;
}

/** Sends one call; an exception while it is built (a value that is missing) makes it `invalid`. */
export function send(bench: Bench, errand: Errand): void {
  const call = new PendingCall(bench, errand);
  try {
    errand.compiled.op.start(errand.user, errand.values, call);
  } catch (error) {
    call.end("invalid", "", null, error instanceof Error ? error.message : String(error));
  }
}
