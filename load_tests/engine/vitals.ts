/** What a worker thread takes and suffers, a second at a time: its CPU, waiting for a core, garbage collection. */
import { readFileSync } from "node:fs";
import { PerformanceObserver } from "node:perf_hooks";
import type { Ms } from "../core/model.ts";
import type { Clock } from "./clock.ts";

/** Over less than this, shares of time say nothing: the end of a run is a part of a second. */
const SHORTEST_SPAN: Ms = 500;

/** Finer than anything that is measured. */
const DIGITS = 2;

/** Time that this thread ran, and that it was ready but had no core; the latter is null where the system does not tell. */
interface ThreadTimes {
  readonly ran: Ms;
  readonly waited: Ms | null;
}

/** Linux tells both, in nanoseconds; elsewhere the time that the event loop was busy stands for the CPU's. */
function threadTimes(): ThreadTimes {
  try {
    const [ran, waited] = readFileSync("/proc/thread-self/schedstat", "utf8").split(" ").map(Number);
    return { ran: ran! / 1e6, waited: waited! / 1e6 };
  } catch {
    return { ran: performance.eventLoopUtilization().active, waited: null };
  }
}

export interface Vitals {
  /** Percent of a core and of the time since it was last asked, by the names of resources; the same again if asked too soon. */
  read(): Readonly<Record<string, number>>;
  close(): void;
}

/** Of the thread that calls; `worker` is its number, from 1. */
export function watchVitals(clock: Clock, worker: number): Vitals {
  let pauses: Ms = 0;
  const observer = new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) pauses += duration;
  });
  observer.observe({ entryTypes: ["gc"] });
  let last = { at: clock.now(), ...threadTimes() };
  let told: Record<string, number> = {};
  return {
    read: () => {
      const at = clock.now();
      const span = at - last.at;
      if (span < SHORTEST_SPAN) return told;
      const times = threadTimes();
      const share = (from: Ms, to: Ms) => Number(Math.max(0, (100 * (to - from)) / span).toFixed(DIGITS));
      told = {
        [`worker.${worker}.cpu`]: share(last.ran, times.ran),
        [`worker.${worker}.gc`]: share(0, pauses),
        ...(times.waited === null ? {} : { [`worker.${worker}.waiting`]: share(last.waited!, times.waited) }),
      };
      last = { at, ...times };
      pauses = 0;
      return told;
    },
    close: () => observer.disconnect(),
  };
}
