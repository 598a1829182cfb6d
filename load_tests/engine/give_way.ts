/** Threads that help beside a load, and make none, give way to those that make it. */
import { getPriority, setPriority } from "node:os";

/** On a core that is full, a thread gets a tenth of what one that makes load gets. */
const BELOW_THE_LOAD = 10;

/**
 * Lowers the thread that calls, where that can be said of one thread alone: on Linux. Nothing raises it again, and threads
 * and programs that it starts later are as low. `below`: by how much, in steps of `nice`.
 */
export function giveWay(below = BELOW_THE_LOAD): void {
  if (process.platform === "linux" && getPriority() < below) setPriority(below);
}
