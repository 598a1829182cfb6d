import { Worker } from "node:worker_threads";
import { expect, test } from "vitest";
import type { Notice } from "../core/model.ts";
import { runWorkers } from "./fleet_run.ts";

/** A thread of little memory that does `deed` when it is told to start. */
const thread = (deed: string): Worker =>
  new Worker(
    `const { parentPort } = require("node:worker_threads");
     parentPort.on("message", ({ say }) => { if (say === "start") { ${deed} } });`,
    { eval: true, resourceLimits: { maxOldGenerationSizeMb: 16 } },
  );
const ENDS = 'parentPort.postMessage({ say: "ended", at: 1000 });';

const told = (notices: readonly Notice[]): string => {
  expect(notices.map(({ kind }) => kind)).toEqual(["worker-lost"]);
  return notices[0]!.text;
};

test("a worker that is out of memory is told as lost", async () => {
  const notices: Notice[] = [];
  const threads = [thread(ENDS), thread("const all = []; for (;;) all.push(new Array(1000).fill(all.length));")];
  const events = { second: () => {}, line: () => {}, log: () => {}, notice: (notice: Notice) => notices.push(notice) };
  const end = await runWorkers(threads, events, { drain: 0, silence: 60, ops: [] });
  expect(end).toEqual({ at: 1000, lost: 1 });
  expect(told(notices)).toMatch(/worker 2 was lost .*memory limit.*its share of the load/);
  await Promise.all(threads.map((each) => each.terminate()));
});

test("a worker that hangs is told as lost, and the run ends with what the others did", async () => {
  const threads = [thread("for (;;);"), thread(ENDS)];
  const notices: Notice[] = [];
  const end = await runWorkers(
    threads,
    { second: () => {}, line: () => {}, log: () => {}, notice: (notice) => notices.push(notice) },
    { drain: 0, silence: 2, ops: [] },
  );
  expect(end).toEqual({ at: 1000, lost: 1 });
  expect(told(notices)).toMatch(/worker 1 .*no sign of life for 2 s; its share of the load \(1 of 2\)/);
  await Promise.all(threads.map((each) => each.terminate()));
});
