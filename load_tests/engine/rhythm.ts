/** When a user's session ends, and when it is active in between. Draws from a stream of its own: it changes no choice. */
import type { Ms } from "../core/model.ts";
import { drawPause } from "../core/pause.ts";
import type { Random } from "../core/random.ts";
import type { WorkloadPlan } from "../core/workload.ts";

export class Rhythm {
  /** End of the session. */
  ends: Ms = Number.POSITIVE_INFINITY;
  private readonly random: Random;
  private readonly plan: Pick<WorkloadPlan, "periods" | "session">;
  /** The idle period under way or to come. */
  private idle = { from: Number.POSITIVE_INFINITY, to: Number.POSITIVE_INFINITY };

  constructor(plan: Pick<WorkloadPlan, "periods" | "session">, random: Random) {
    this.plan = plan;
    this.random = random;
  }

  /** A session begins, and with it an active period. */
  begin(at: Ms): void {
    const { session, periods } = this.plan;
    if (session !== null) this.ends = at + drawPause(session, this.random);
    if (periods !== null) this.idleAfter(at);
  }

  isOver(now: Ms): boolean {
    return now >= this.ends - 0.5;
  }

  /** `at` where the user is active then, else the end of that idle period. Asked in rising order. */
  active(at: Ms): Ms {
    while (this.idle.to <= at) this.idleAfter(this.idle.to);
    return at < this.idle.from ? at : this.idle.to;
  }

  private idleAfter(at: Ms): void {
    const { active, idle } = this.plan.periods!;
    const from = at + drawPause(active, this.random);
    this.idle = { from, to: from + drawPause(idle, this.random) };
  }
}
