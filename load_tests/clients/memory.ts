/** For tests only: what the memory of this process holds. */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

/** Bytes that are in use; garbage is not. */
export function heldBytes(): number {
  collect();
  // The buffers that the first one found are counted out when the next one begins.
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
