/** CPU that this process takes, all of its threads together. */
import type { Ms } from "../core/model.ts";
import type { Clock } from "./clock.ts";

/** Over less than this, CPU time says nothing: the end of a run is a part of a second. */
const SHORTEST: Ms = 500;

export class ProcessCpu {
  private readonly clock: Clock;
  private used = process.cpuUsage();
  private at: Ms;
  private told = 0;

  constructor(clock: Clock) {
    this.clock = clock;
    this.at = clock.now();
  }

  /** Since it was last asked, 100 is one core; the same again if asked too soon. */
  percent(): number {
    const now = this.clock.now();
    const elapsed = now - this.at;
    if (elapsed < SHORTEST) return this.told;
    const { user, system } = process.cpuUsage(this.used);
    this.told = ((user + system) / 1000 / elapsed) * 100;
    this.used = process.cpuUsage();
    this.at = now;
    return this.told;
  }
}
