/**
 * Entry of the stand-ins' own process, started with an IPC channel. It is told `{specs}` once and answers `{addresses}`
 * or `{failed}`; to `{usage: true}` it answers its CPU time (milliseconds) and memory (bytes). It ends with its parent.
 */
import type { TargetSpec } from "./core/standin.ts";
import { startTargets } from "./targets/start.ts";

interface Request {
  readonly specs?: readonly TargetSpec[];
  readonly usage?: true;
}

const answer = (message: object) => process.send?.(message, () => {}); // a parent that is gone needs no answer

async function start(specs: readonly TargetSpec[]): Promise<void> {
  try {
    const { addresses } = await startTargets(specs);
    answer({ addresses });
  } catch (error) {
    answer({ failed: (error as Error).message });
  }
}

function usage() {
  const { user, system } = process.cpuUsage();
  return { cpu: (user + system) / 1000, memory: process.memoryUsage.rss() };
}

process.on("SIGINT", () => {}); // Ctrl-C goes to the whole group; the parent decides when the services end
process.on("disconnect", () => process.kill(process.pid, "SIGTERM"));
process.on("message", (request: Request) => {
  if (request.specs !== undefined) void start(request.specs);
  if (request.usage) answer(usage());
});
