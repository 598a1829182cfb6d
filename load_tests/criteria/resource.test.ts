import { describe, expect, it } from "vitest";
import type { RunResult } from "../core/ledger.ts";
import type { CriterionSpec } from "../core/model.ts";
import { type Reading, reading } from "../core/resource.ts";
import { ResourceFold } from "../core/resource_fold.ts";
import { criterion, phase, runOf } from "./fixture.ts";
import { criteria } from "./index.ts";
import { judgeAll } from "./judge.ts";

const PHASES = [phase("warm_up", 0, 2, false), phase("level", 2, 4), phase("spike", 6, 4)];

/** CPU of 500 % while it warms up, then 50, 60, 70, 80, and 90 in the spike. */
const CPU = [500, 500, 50, 60, 70, 80, 90, 90, 90, 90];
const cpuOf = (value: number): Reading => reading("target", "cpu", { source: "test", value });

function resultWith(readings: readonly (readonly Reading[])[]): RunResult {
  const fold = new ResourceFold();
  for (const [i, each] of readings.entries()) fold.add(i + 1, each);
  const { result } = runOf({ calls: [{ count: 100 }], phases: PHASES });
  return { ...result, resources: fold.series() };
}

const judged = (sentence: string, result: RunResult, more: Partial<CriterionSpec> = {}) =>
  judgeAll([criterion(sentence, more)], result, { plugins: criteria, baseline: null, watchedBy: () => null })[0]!;

describe("a criterion of a resource", () => {
  const result = resultWith(
    CPU.map((value) => [cpuOf(value), reading("gpu", "memory_used", { source: "t", value: 512 })]),
  );

  it.each([
    ["target.cpu max < 91%", "pass", 0.9, /^target.cpu max 90 % is under the limit of 91 % \(8 seconds\)$/],
    ["target.cpu mean < 60%", "fail", 0.775, /is over the limit of 60 %/],
    ["target.cpu p50 <= 80%", "pass", 0.8, /is within the limit/],
    ["gpu.memory_used max <= 512MB", "pass", 512, /512 MB/],
    ["gpu.memory_used max < 0.5GB", "fail", 512, /is at the limit of 512 MB/],
  ])("takes the seconds of measured phases: %s", (sentence, status, observed, why) => {
    const verdict = judged(sentence, result);
    expect(verdict).toMatchObject({ status, why: expect.stringMatching(why) });
    expect(verdict.observed).toBeCloseTo(observed, 6);
  });

  it("takes those of the phase that it names", () => {
    const verdict = judged("target.cpu mean < 70%", result, { scope: { phase: "level" } });
    expect(verdict).toMatchObject({ status: "pass", observed: 0.65, scope: "target, phase level" });
  });

  it("is unknown where nothing was measured, and says what to do", () => {
    const none = resultWith([[]]);
    expect(judged("target.memory max < 1GB", none)).toMatchObject({ status: "unknown", why: /resource_utilization/ });
    expect(judged("gpu.utilization mean > 1%", none)).toMatchObject({ status: "unknown", why: /nvidia-smi/ });
    const warm = resultWith([[cpuOf(1)], [cpuOf(1)]]);
    expect(judged("target.cpu max < 90%", warm).status).toBe("unknown");
  });

  it("takes what was merged in a run without an end for as many seconds as it stands for", () => {
    const merged = { n: [1, 1, 1, 1, 1, 5], low: [500, 500, 50, 60, 80, 10], high: [500, 500, 50, 60, 80, 99] };
    const series = { ...result.resources[0]!, t: [1, 2, 3, 4, 5, 10], values: [500, 500, 50, 60, 80, 20], merged };
    const endless = { ...result, resources: [series] };
    expect(judged("target.cpu max < 90%", endless)).toMatchObject({ status: "fail", observed: 0.99 });
    expect(judged("target.cpu mean < 90%", endless)).toMatchObject({ status: "pass", observed: 0.3625 });
    expect(judged("target.cpu p50 < 90%", endless)).toMatchObject({ status: "pass", observed: 0.2 });
    expect(judged("target.cpu p90 < 90%", endless)).toMatchObject({ status: "pass", observed: 0.8 });
  });

  it("passes only where most of the seconds have a value, and fails by any", () => {
    const half = resultWith(CPU.map((value, i) => (i < 6 ? [cpuOf(value)] : [])));
    expect(judged("target.cpu max < 90%", half)).toMatchObject({ status: "unknown", why: /8 seconds are judged/ });
    expect(judged("target.cpu max < 60%", half).status).toBe("fail");
  });

  it.each([
    ["target.cpu < 80%", /such as "target.cpu mean < 80%"/],
    ["target.cpu mean < 80", /did you mean 80%/],
    ["target.memory max < 80%", /expected a size such as 512MB/],
    ["gpu.utilisation max < 80%", /did you mean "gpu.utilization"/],
    ["generator.latenes p99 < 10ms", /did you mean "generator.lateness"/],
    ["machine.cpu best < 80%", /expected mean, max or a percentile/],
  ])("is refused where it is nearly one: %s", (sentence, why) => {
    expect(() => criterion(sentence)).toThrow(why);
  });

  it.each([
    "target.cpu mean < 150%",
    "gpu.0.memory max < 90%",
    "machine.received max < 10MB/s",
    "gpu.power max < 300W",
  ])("is read: %s", (sentence) => {
    expect(criterion(sentence).kind).toBe("resource");
  });
});
