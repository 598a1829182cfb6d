import { getPriority } from "node:os";
import { Worker } from "node:worker_threads";
import { expect, test } from "vitest";

const FILE = new URL("./give_way.ts", import.meta.url).href;
/** Says the thread's priority, as the system has it: lower is higher. */
const THREAD = `
  const { getPriority } = require("node:os");
  const { parentPort } = require("node:worker_threads");
  import("tsx/esm/api").then(async ({ register }) => {
    register();
    const { giveWay } = await import(${JSON.stringify(FILE)});
    giveWay();
    parentPort.postMessage(getPriority());
  });`;

test.skipIf(process.platform !== "linux")("a thread gives way, and the others of its process do not", async () => {
  const before = getPriority();
  const thread = new Worker(THREAD, { eval: true });
  const said = await new Promise((resolve, reject) => thread.once("message", resolve).once("error", reject));
  expect(said).toBe(Math.max(10, before));
  expect(getPriority()).toBe(before);
  await thread.terminate();
});
