/** Threads that help beside a load, and make none, give way to those that make it. */
import { getPriority, setPriority } from "node:os";

/** On a core that is full, a thread gets a tenth of what one that makes load gets. */
const BELOW_THE_LOAD = 10;

/**
 * Lowers the thread that calls, where that can be said of one thread alone: on Linux. Nothing raises it again, and threads
 * and programs that it starts later are as low.
 */
export function giveWay(): void {
  if (process.platform === "linux" && getPriority() < BELOW_THE_LOAD) setPriority(BELOW_THE_LOAD);
}
