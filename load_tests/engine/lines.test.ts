import { expect, test } from "vitest";
import type { OpInfo } from "../core/model.ts";
import { openLines } from "./lines.ts";
import { openOpLines } from "./op_lines.ts";
import type { Recorder } from "./recorder.ts";

const info: OpInfo = { service: "api", name: "GET /", protocol: "rest", method: "GET", metrics: [] };
const tagged: OpInfo = { ...info, tags: ["checkout"] };
const places = { names: [], first: -1, gap: -1, extra: 0 };

test("calls of one name and of other tags are lines of their own, in a worker and in the run", () => {
  let next = 0;
  const told: OpInfo[] = [];
  const lines = openLines({ define: () => next++ } as unknown as Recorder, (_id, each) => told.push(each));
  expect([info, tagged, { ...info }, { ...tagged }].map((each) => lines.of(each, places))).toEqual([0, 1, 0, 1]);
  expect(told).toEqual([info, tagged]);
  const ofRun = openOpLines([], () => {});
  expect([info, tagged, { ...tagged }].map(ofRun)).toEqual([0, 1, 1]);
});
