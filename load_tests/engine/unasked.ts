/** Calls that no plan asks for: a push that came, a ping that keeps a connection alive. */
import type { Ms, Scenario } from "../core/model.ts";
import type { Call, Op, User } from "../core/plugin.ts";
import type { Values } from "../core/template.ts";
import type { Bench, CompiledOp } from "./bench.ts";
import { PendingCall } from "./measure.ts";
import type { Steps } from "./steps.ts";
import { timerFor } from "./wheel.ts";

const NO_VALUES = Object.freeze({}) as Values;
const nothing = () => {};

export interface Unasked {
  /** As `ClientHost.begin`. */
  begin(op: Op, user: User, since?: number): Call | null;
  /** As `ClientHost.every`. */
  every(delay: Ms, fn: () => void): () => void;
}

/** `open` says whether calls may still begin; those that are open at the end of the last phase are cut. */
export function unaskedCalls(bench: Bench, steps: Steps, { duration }: Scenario, open: () => boolean): Unasked {
  const compiled = new Map<Op, CompiledOp>(steps.compiled.map((each) => [each.op, each]));
  const { clock, wheel } = bench;
  return {
    begin(op, user, since) {
      const now = clock.now();
      if (!open() || now >= duration) return null;
      const start = since === undefined ? now : now - Math.max(0, clock.wall() - since);
      const errand = { user, values: NO_VALUES, due: start, start, cutAt: duration, hold: null, done: nothing };
      return new PendingCall(bench, compiled.get(op)!, errand);
    },
    every(delay, fn) {
      const fire = (): void => {
        wheel.add(timer, clock.now() + delay);
        fn();
      };
      const timer = timerFor(fire);
      wheel.add(timer, clock.now() + delay);
      return () => wheel.cancel(timer);
    },
  };
}
