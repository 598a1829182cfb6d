/** What the calls of a worker share, and what one call is about. */
import type { Captor } from "../core/capture.ts";
import type { Check } from "../core/check.ts";
import type { Ms } from "../core/model.ts";
import type { Answer, Op, User } from "../core/plugin.ts";
import type { Values } from "../core/template.ts";
import type { Ended } from "../core/workload.ts";
import type { Clock } from "./clock.ts";
import type { OpenCalls } from "./open_calls.ts";
import type { Recorder } from "./recorder.ts";
import type { MetricPlaces } from "./sample.ts";
import type { Tap } from "./tap.ts";
import type { Wheel } from "./wheel.ts";

/** An op with its place in the recorder and its checks compiled. */
export interface CompiledOp {
  readonly op: Op;
  readonly id: number;
  readonly timeout: Ms;
  readonly places: MetricPlaces;
  readonly check: ((answer: Answer, elapsed: Ms) => Check | null) | null;
  readonly captor: Captor | null;
}

export interface Bench {
  readonly clock: Clock;
  readonly wheel: Wheel;
  readonly recorder: Recorder;
  readonly open: OpenCalls;
  /** Takes every call whole, for a log; null where nobody asks. */
  readonly tap: Tap | null;
  /** Ended, and not recorded yet. */
  readonly held: Set<Ended>;
  /** Position of the phase that a time belongs to. */
  phaseAt(t: Ms): number;
  mask(text: string): string;
  /** Takes each call as text; null where nobody looks on. */
  readonly show: ((text: string) => void) | null;
  /** Our own machine could not send: said once a kind. */
  machineFault(status: string): void;
}

/** What one call is about. */
export interface Errand {
  readonly user: User;
  readonly values: Values;
  readonly due: Ms;
  /** Null: now. */
  readonly start: Ms | null;
  /** When the run cuts the call if it is still open. */
  readonly cutAt: Ms;
  /** Takes over when the call is recorded; not called where what it needs could not be done. */
  readonly hold: ((ended: Ended) => void) | null;
  readonly done: (ok: boolean) => void;
}
