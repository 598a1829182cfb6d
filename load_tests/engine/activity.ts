/** What a user does from one start to its end: its calls and pauses, until it is through or given up. */
import type { Ms } from "../core/model.ts";
import type { User } from "../core/plugin.ts";
import type { Activity, Ended, Line, Request, StepValues, Target } from "../core/workload.ts";
import type { Clock } from "./clock.ts";
import type { Lines } from "./lines.ts";
import type { Recorder } from "./recorder.ts";
import type { Steps } from "./steps.ts";
import { type Timer, timerFor, type Wheel } from "./wheel.ts";
import type { Opened } from "./workloads.ts";

/** What all activities of a flow share. */
export interface Crew {
  readonly clock: Clock;
  readonly wheel: Wheel;
  readonly steps: Steps;
  readonly recorder: Recorder;
  readonly opened: Opened;
  readonly lines: Lines;
  /** Position of the flow in the scenario. */
  readonly flowIndex: number;
  /** Position of the phase that a time belongs to. */
  phaseAt(t: Ms): number;
  /** A feed has no row left. */
  exhausted(feed: string): void;
}

/** `due`: of the first call. `until`: when the user leaves; its call under way may go on to `cutAt`. */
export interface Span {
  readonly due: Ms;
  readonly until: Ms;
  readonly cutAt: Ms;
  /** Of several hosts, the one that its calls go to is the turn's; drawn, where absent. */
  readonly turn?: number | undefined;
}

/** Whose activity it is. */
export interface Owner extends User {
  /** It is over. */
  through(): void;
}

/** The status of failures that are code's own. */
const BROKE = "EXCEPTION";

/** A timer may fire half a millisecond early: what must not come before an instant is due that much later. */
export const NOT_EARLY: Ms = 0.5;

export class UserActivity implements Activity {
  readonly user: Owner;
  /** Position of the phase that it is due in. */
  readonly phase: number;
  onAbandon: (() => void) | null = null;
  private readonly crew: Crew;
  private readonly cutAt: Ms;
  private readonly turn: number | undefined;
  private until: Ms;
  /** When the next call is due; null: as soon as it is asked for. */
  private due: Ms | null;
  private calling = 0;
  private timers: Set<Timer> | null = null;
  private abandoned = false;
  private closed = false;

  constructor(crew: Crew, user: Owner, span: Span) {
    this.crew = crew;
    this.user = user;
    this.due = span.due;
    this.until = span.until;
    this.cutAt = span.cutAt;
    this.turn = span.turn;
    this.phase = crew.phaseAt(span.due);
  }

  get flow(): number {
    return this.crew.flowIndex;
  }

  exhausted(feed: string): void {
    this.crew.exhausted(feed);
  }

  now(): Ms {
    return this.crew.clock.now();
  }

  call(target: Target, values: StepValues, done: (ok: boolean) => void): void {
    if (this.isOver) return;
    const { user, cutAt } = this;
    const { steps } = this.crew;
    const op = steps.find(target, values.random, user, this.turn);
    const due = this.nextDue();
    if (due === null) return;
    this.calling++;
    const answered = (ok: boolean): void => {
      if (this.answered()) done(ok);
    };
    steps.run(op, { user, values, due, start: null, cutAt, hold: null, done: answered });
  }

  ask(request: Request, values: StepValues, done: (ended: Ended) => void): void {
    if (this.isOver) return;
    const { user, cutAt } = this;
    const { steps } = this.crew;
    const op = steps.find(request, values.random, user, this.turn);
    const due = this.nextDue();
    if (due === null) return;
    let ended: Ended | null = null;
    const hold = (each: Ended): void => {
      ended = each;
    };
    this.calling++;
    const answered = (): void => {
      if (this.abandoned) ended?.record(false, null);
      if (this.answered()) done(ended ?? this.notBegun());
    };
    steps.run(op, { user, values, due, start: null, cutAt, hold, done: answered });
  }

  private get isOver(): boolean {
    return this.abandoned || this.closed;
  }

  /** When the call that is asked for is due; null where the user leaves instead. */
  private nextDue(): Ms | null {
    const { due } = this;
    this.due = null;
    if (due !== null) return due;
    const now = this.now();
    if (now < this.until - NOT_EARLY) return now;
    this.abandon();
    return null;
  }

  /** A call that was not made: what it needs could not be done, and was counted, or our own machine could not send. */
  private notBegun(): Ended {
    const message = "the call was not made: what it needs (log in, connect) failed";
    return {
      ...{ end: this.now(), duration: 0, outcome: "unsent", status: "", message, answer: null },
      record: () => {},
    };
  }

  pause(length: Ms, done: () => void): void {
    if (this.isOver) return;
    if (length <= 0) {
      done();
      return;
    }
    const at = Math.ceil(this.now() + length);
    const fire = (): void => {
      this.timers!.delete(timer);
      if (this.now() >= this.until - NOT_EARLY) {
        this.abandon();
        return;
      }
      this.due = at;
      done();
      this.due = null;
    };
    const timer = timerFor(fire);
    this.timers ??= new Set();
    this.timers.add(timer);
    this.crew.wheel.add(timer, Math.min(at, this.until + NOT_EARLY));
  }

  metric(index: number, value: number): void {
    const { op, place } = this.crew.opened.places[index]!;
    this.crew.recorder.metric(op, this.phase, place, value);
  }

  measure(line: Line, index: number, value: number): void {
    const { opened, lines, recorder } = this.crew;
    recorder.metric(lines.ofLine(line, opened.plan?.name ?? ""), this.phase, index, value);
  }

  broke(index: number, message: string): void {
    const { op } = this.crew.opened.places[index]!;
    this.crew.recorder.broke(op, this.phase, { at: this.now(), status: BROKE, message });
  }

  /** It is through. */
  finish(): void {
    if (this.closed) return;
    this.closed = true;
    this.user.through();
  }

  /** Begins nothing more, and is over with the last of its calls. */
  abandon(): void {
    if (this.isOver) return;
    this.abandoned = true;
    if (this.timers !== null) for (const timer of this.timers) this.crew.wheel.cancel(timer);
    this.onAbandon?.();
    if (this.calling === 0) this.finish();
  }

  /** Is over now, whatever it waits for. */
  giveUp(): void {
    this.abandon();
    this.finish();
  }

  /** Lets it go on, but not beyond an instant. */
  limit(until: Ms): void {
    this.until = Math.min(this.until, until);
    if (this.timers !== null)
      for (const timer of this.timers) this.crew.wheel.add(timer, Math.min(timer.firesAt, this.until + NOT_EARLY));
  }

  /** A call ended; false where its user is not told any more. */
  private answered(): boolean {
    this.calling--;
    if (this.abandoned && this.calling === 0) this.finish();
    return !this.abandoned;
  }
}
