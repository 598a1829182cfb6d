/** Entry of a worker thread: does its share of a run and tells the fleet. */
import { parentPort } from "node:worker_threads";
import { loadFakes } from "./core/fakes.ts";
import { openFeed } from "./data/open.ts";
import { clockFrom } from "./engine/clock.ts";
import { type Generator, prepareGenerator } from "./engine/generator.ts";
import type { FromWorker, ToWorker } from "./engine/port.ts";
import { protocols, workloads } from "./load_plugins.ts";
import { protocolsIn } from "./plugins.ts";

const port = parentPort!;
const say = (message: FromWorker): void =>
  port.postMessage(message, message.say === "calls" ? [message.memory] : undefined);
let generator: Generator | null = null;

async function prepare(message: Extract<ToWorker, { say: "prepare" }>): Promise<void> {
  try {
    await loadFakes(message.job.scenario);
    const { job } = message;
    const own = job.protocolFiles === undefined ? [] : await protocolsIn(job.protocolFiles);
    generator = await prepareGenerator(job, { protocols: [...protocols, ...own], workloads, openFeed }, say);
    say({ say: "ready", ops: generator.ops });
  } catch (error) {
    say({ say: "failed", why: error instanceof Error ? error.message : String(error) });
  }
}

port.on("message", (message: ToWorker) => {
  if (message.say === "prepare") void prepare(message);
  else if (message.say === "start") generator?.start(clockFrom(message.epoch));
  else if (message.say === "stop") generator?.stop(message.drain);
  else if (message.say === "phase") generator?.phase(message.index, message.at);
  else generator?.room(message.memory);
});
