import { Worker } from "node:worker_threads";
import { expect, test } from "vitest";
import type { Notice } from "../core/model.ts";
import { runWorkers } from "./fleet.ts";

/** A thread that does `deed` when it is told to start. */
const thread = (deed: string): Worker =>
  new Worker(
    `const { parentPort } = require("node:worker_threads");
     parentPort.on("message", ({ say }) => { if (say === "start") { ${deed} } });`,
    { eval: true },
  );
const ENDS = 'parentPort.postMessage({ say: "ended", at: 1000 });';

test("a worker that hangs is told as lost, and the run ends with what the others did", async () => {
  const threads = [thread("for (;;);"), thread(ENDS)];
  const notices: Notice[] = [];
  const end = await runWorkers(
    threads,
    { second: () => {}, notice: (notice) => notices.push(notice) },
    { drain: 0, silence: 2 },
  );
  expect(end).toEqual({ at: 1000, lost: 1 });
  expect(notices.map(({ kind }) => kind)).toEqual(["worker-lost"]);
  expect(notices[0]!.text).toMatch(/worker 1 .*no sign of life for 2 s; its share of the load \(1 of 2\)/);
  await Promise.all(threads.map((each) => each.terminate()));
});
