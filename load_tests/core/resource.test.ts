import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RESOURCE_NAMES, reading, resourceUnit, thinned } from "./resource.ts";
import { ResourceFold } from "./resource_fold.ts";

const cpu = (value: number) => reading("machine", "cpu", { source: "all cores", value });

describe("the fold of readings", () => {
  it("keeps each second's first value, mean and highest, and leaves out what is no number", () => {
    const fold = new ResourceFold();
    for (const [t, value] of [
      [1, 10],
      [2, Number.NaN],
      [3, 50],
      [3, 99],
      [2, 99],
      [5, 30],
    ] as const)
      fold.add(t, [cpu(value)]);
    expect(fold.series()).toEqual([
      { name: "machine.cpu", source: "all cores", unit: "%", t: [1, 3, 5], values: [10, 50, 30], mean: 30, max: 50 },
    ]);
  });

  it("says nothing of what never had a value", () => {
    const fold = new ResourceFold();
    fold.add(1, [cpu(Number.NaN)]);
    expect(fold.series()).toEqual([]);
  });
});

describe("thinned series", () => {
  const samples = fc.uniqueArray(fc.integer({ min: 1, max: 5000 }), { minLength: 1, maxLength: 300 });

  it("keep the highest, the order and few points, whatever is missing", () => {
    fc.assert(
      fc.property(samples, fc.integer({ min: 1, max: 200 }), (seconds, most) => {
        const t = seconds.toSorted((a, b) => a - b);
        const values = t.map((at) => (at * 7919) % 1009);
        const points = thinned({ t, values }, most);
        expect(points.length).toBeLessThanOrEqual(most);
        expect(Math.max(...points.map(([, value]) => value))).toBe(Math.max(...values));
        expect(points.map(([at]) => at)).toEqual(points.map(([at]) => at).toSorted((a, b) => a - b));
        for (const [at, value] of points) {
          expect(t).toContain(at);
          expect(values).toContain(value);
        }
      }),
    );
  });

  it("are the same where they are short", () => {
    const t = [1, 2, 4];
    expect(thinned({ t, values: [3, 1, 2] }, 10)).toEqual([
      [1, 3],
      [2, 1],
      [4, 2],
    ]);
  });
});

it("knows the unit of every name, also of one of several, and of no other", () => {
  for (const name of RESOURCE_NAMES) expect(resourceUnit(name), name).toBeDefined();
  expect(resourceUnit("gpu.0.memory")).toBe("%");
  expect(resourceUnit("target.8000.memory")).toBe("MB");
  expect(resourceUnit("target.nothing")).toBeUndefined();
  expect(resourceUnit("target")).toBeUndefined();
});
