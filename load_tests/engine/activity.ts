/** What a user does from one start to its end: its calls and pauses, until it is through or given up. */
import type { Ms } from "../core/model.ts";
import type { User } from "../core/plugin.ts";
import type { Activity, StepValues, Target } from "../core/workload.ts";
import type { Clock } from "./clock.ts";
import type { Recorder } from "./recorder.ts";
import type { Steps } from "./steps.ts";
import { Timer, type Wheel } from "./wheel.ts";
import type { Opened } from "./workloads.ts";

/** What all activities of a flow share. */
export interface Crew {
  readonly clock: Clock;
  readonly wheel: Wheel;
  readonly steps: Steps;
  readonly recorder: Recorder;
  readonly opened: Opened;
  /** Position of the flow in the scenario. */
  readonly flowIndex: number;
  /** A feed has no row left. */
  exhausted(feed: string): void;
}

/** `due`: of the first call. `until`: when the user leaves; its call under way may go on to `cutAt`. */
export interface Span {
  readonly due: Ms;
  readonly until: Ms;
  readonly cutAt: Ms;
  /** Of several hosts, the one that its calls go to is the turn's; drawn, where absent. */
  readonly turn?: number;
}

/** A timer may fire half a millisecond early: what must not come before an instant is due that much later. */
export const NOT_EARLY: Ms = 0.5;

export class UserActivity implements Activity {
  readonly user: User;
  onAbandon: (() => void) | null = null;
  private readonly crew: Crew;
  private readonly over: () => void;
  private readonly phase: number;
  private readonly cutAt: Ms;
  private readonly turn: number | undefined;
  private until: Ms;
  /** When the next call is due; null: as soon as it is asked for. */
  private due: Ms | null;
  private calling = 0;
  private timers: Set<Timer> | null = null;
  private abandoned = false;
  private closed = false;

  constructor(crew: Crew, user: User, span: Span, over: () => void) {
    this.crew = crew;
    this.user = user;
    this.due = span.due;
    this.until = span.until;
    this.cutAt = span.cutAt;
    this.turn = span.turn;
    this.phase = crew.steps.phaseAt(span.due);
    this.over = over;
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
    if (this.abandoned || this.closed) return;
    const { steps, clock } = this.crew;
    const { due } = this;
    this.due = null;
    if (due === null && this.leaves()) {
      this.abandon();
      return;
    }
    const op = steps.find(target, values.random, this.user, this.turn);
    const answered = (ok: boolean) => this.answered(ok, done);
    this.calling++;
    steps.run(op, { user: this.user, values, due: due ?? clock.now(), cutAt: this.cutAt, done: answered });
  }

  pause(length: Ms, done: () => void): void {
    if (this.abandoned || this.closed) return;
    if (length <= 0) {
      done();
      return;
    }
    const at = Math.ceil(this.now() + length);
    const timer = new Timer(() => {
      this.timers!.delete(timer);
      if (this.leaves()) {
        this.abandon();
        return;
      }
      this.due = at;
      done();
      this.due = null;
    });
    this.timers ??= new Set();
    this.timers.add(timer);
    this.crew.wheel.add(timer, Math.min(at, this.until + NOT_EARLY));
  }

  metric(index: number, value: number): void {
    const { op, place } = this.crew.opened.places[index]!;
    this.crew.recorder.metric(op, this.phase, place, value);
  }

  /** It is through. */
  finish(): void {
    if (this.closed) return;
    this.closed = true;
    this.over();
  }

  /** Begins nothing more, and is over with the last of its calls. */
  abandon(): void {
    if (this.abandoned || this.closed) return;
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
      for (const timer of this.timers) this.crew.wheel.add(timer, Math.min(timer.at, this.until + NOT_EARLY));
  }

  private leaves(): boolean {
    return this.now() >= this.until - NOT_EARLY;
  }

  private answered(ok: boolean, done: (ok: boolean) => void): void {
    this.calling--;
    if (!this.abandoned) done(ok);
    else if (this.calling === 0) this.finish();
  }
}
