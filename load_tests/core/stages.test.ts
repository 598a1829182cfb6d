import { describe, expect, it } from "vitest";
import { ENDLESS } from "./endless.ts";
import type { Scenario } from "./model.ts";
import { asItRan } from "./stages.ts";

const level = (index: number) => ({ start: index * ENDLESS, duration: ENDLESS, from: 2, to: 2 });
const phase = (index: number) => ({ name: `p${index}`, start: index * ENDLESS, duration: ENDLESS, measured: true });
const scenario = {
  flows: [0, 1, 2].map((index) => ({ drive: "users", phase: index, segments: [level(index)] })),
  phases: [0, 1, 2].map(phase),
  duration: 3 * ENDLESS,
} as unknown as Scenario;

describe("Phases whose times only the run can tell", () => {
  it("stand where they began, and end where they were through; one that never began has no length", () => {
    const { phases, flows, duration } = asItRan(scenario, [{ index: 1, at: 1200, through: 1000 }], 3000);
    expect(phases.map(({ start, duration: length }) => [start, length])).toEqual([
      [0, 1000],
      [1200, 1800],
      [3000, 0],
    ]);
    expect(flows.map(({ segments }) => segments.map(({ start, duration: length }) => [start, length]))).toEqual([
      [[0, 1000]],
      [[1200, 1800]],
      [],
    ]);
    expect(duration).toBe(3000);
  });

  it("leave a scenario whose plan knows all times as it is", () => {
    const planned = { ...scenario, flows: [] };
    expect(asItRan(planned, [], 10)).toBe(planned);
  });
});
