/** One strand of steps under way: what it stands at, its values, and how its loops count. */
import type { Ms } from "../core/model.ts";
import type { Activity, StepValues, Target } from "../core/workload.ts";

/** A compiled step: does its part and gives the next, or null where that comes later, by `resume`. */
export type Node = (fiber: Fiber) => Node | null;

export class Fiber {
  readonly activity: Activity;
  readonly values: StepValues;
  /** Of the loops around, the innermost last. */
  readonly counts: number[] = [];
  /** A call failed since a `retry` began, or since the start. */
  failed = false;
  private readonly done: (fiber: Fiber) => void;
  private pending: Node | null = null;
  private running = false;

  constructor(activity: Activity, values: StepValues, done: (fiber: Fiber) => void) {
    this.activity = activity;
    this.values = values;
    this.done = done;
  }

  /** Goes on at a node. A call that ends while it is started must not run the next from within. */
  resume(node: Node): void {
    this.pending = node;
    if (this.running) return;
    this.running = true;
    while (this.pending !== null) {
      const next: Node = this.pending;
      this.pending = null;
      const after = next(this);
      if (after !== null) this.pending = after;
    }
    this.running = false;
  }

  call(target: Target, next: Node): null {
    this.activity.call(target, this.values, (ok) => {
      if (!ok) this.failed = true;
      this.resume(next);
    });
    return null;
  }

  pause(length: Ms, next: Node): null {
    this.activity.pause(length, () => this.resume(next));
    return null;
  }

  end(): null {
    this.done(this);
    return null;
  }
}
