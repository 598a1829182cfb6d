import { describe, expect, it, test } from "vitest";
import type { Verdict } from "../core/model.ts";
import { type RunSpec, runOf, verdictOf } from "./fixture.ts";
import { generatorHealth, health, healthAdvice } from "./health.ts";

const calls = (count: number, latency = 100) => ({ calls: [{ count, latency }] });

describe("the lateness of the generator", () => {
  const RUNS: [fact: string, run: RunSpec, status: Verdict["status"], why: RegExp][] = [
    [
      "passes under its limit",
      { ...calls(1000), lateness: 2 },
      "pass",
      /^lateness p99 2 ms is under the limit of 10 ms/,
    ],
    [
      "fails over it, and no generator's health excuses that",
      { ...calls(1000), lateness: 50 },
      "fail",
      /50 ms is over/,
    ],
    ["is unknown without a call", { calls: [] }, "unknown", /no call was sent/],
    ["is unknown with too few", calls(298), "unknown", /only 298 calls, and lateness p99 needs 299/],
  ];
  test.each(RUNS)("%s", (_, run, status, why) => {
    const verdict = verdictOf("generator.lateness p99 < 10ms", run);
    expect(verdict).toMatchObject({ status, scope: "generator", why: expect.stringMatching(why) });
  });

  test.each([
    ["generator.lateness < 10ms", /such as "generator.lateness p99 < 10ms"/],
    ["generator.lateness p99 10ms", /such as/],
    ["generator.lateness p101 < 10ms", /between p0 and p100/],
  ])("nearly right, %j, is refused with what was expected", (text, message) => {
    expect(() => health.parse(text)).toThrow(message);
  });
});

describe("a generator", () => {
  const healthOf = (run: RunSpec) => generatorHealth(runOf(run).result);

  it("is healthy while it is in time and its event loop turns", () => {
    expect(healthOf({ ...calls(1000), lateness: 9, loopDelay: 19 })).toEqual({ healthy: true, reasons: [] });
  });
  it("is not healthy when it starts calls late", () => {
    const { healthy, reasons } = healthOf({ ...calls(1000), lateness: 12 });
    expect(healthy).toBe(false);
    expect(reasons).toEqual([expect.stringMatching(/^calls started late: p99 12 ms, and 10 ms is the most/)]);
  });
  it("may be late by 5 % of the median latency of slow services", () => {
    expect(healthOf({ ...calls(1000, 1000), lateness: 45 }).healthy).toBe(true);
    expect(healthOf({ ...calls(1000, 1000), lateness: 55 }).healthy).toBe(false);
  });
  it("is not healthy when its event loop is held up", () => {
    const { reasons } = healthOf({ ...calls(1000), loopDelay: 25 });
    expect(reasons).toEqual([expect.stringMatching(/event loop was delayed: p99 25 ms, and 20 ms/)]);
  });
  it("is not distrusted where nothing was sent", () => {
    expect(generatorHealth(runOf({ calls: [] }).result).healthy).toBe(true);
  });
});

describe("the advice to a generator that was not healthy", () => {
  const advised = (workers: number, measured: Readonly<Record<string, number>>): string => {
    const { result } = runOf(calls(1));
    const resources = Object.entries(measured).map(([name, mean]) => ({
      ...{ name: `worker.1.${name}`, source: "thread", unit: "%" as const },
      ...{ t: [1], values: [mean], mean, max: mean },
    }));
    const environment = { ...result.header.environment, cpus: 4 };
    return healthAdvice({ ...result, resources, header: { ...result.header, workers, environment } });
  };

  it.each([
    ["busy while cores are free: more workers", 1, { cpu: 97 }, /--workers 4/],
    ["busy on all cores: more machines", 4, { cpu: 97 }, /more machines/],
    ["ready without a core: another program is in the way", 1, { cpu: 50, waiting: 30 }, /30 % .* other work/],
    ["collecting garbage: fewer checks", 1, { cpu: 50, gc: 20 }, /fewer checks/],
    ["nothing known", 1, {}, /quieter machine/],
  ])("%s", (_, workers, measured, said) => expect(advised(workers, measured)).toMatch(said));
});
