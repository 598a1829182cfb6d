/** How memory is kept while load is made: what a call allocates is soon garbage, and its collection must be short. */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/**
 * After a burst V8 takes calls for long-lived, and from then on makes them where only a whole collection cleans up; dead
 * as they are, they keep the next ones alive, and every collection copies what it should drop: 20 ms instead of 0.5.
 */
export const keepCallsYoung = (): void => setFlagsFromString("--no-allocation-site-pretenuring");

/**
 * Where little is allocated, V8 collects a heap whole after 8 s, up to three times, to give memory back: in the middle of the
 * load, 13 ms of the thread and 40 of V8's own. Threads that begin after this do not; the thread that calls does so once.
 */
export function giveNoMemoryBack(): void {
  setFlagsFromString("--gc-memory-reducer-start-delay-ms=1000000000");
  setFlagsFromString("--memory-reducer-single-gc");
}

/** A whole collection of this thread's heap: 10 to 30 ms that calls would otherwise wait for. */
export function collectGarbage(): void {
  setFlagsFromString("--expose-gc");
  (runInNewContext("gc") as () => void)();
}
