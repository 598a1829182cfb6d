import { describe, expect, it, test } from "vitest";
import type { Verdict } from "../core/model.ts";
import { type Calls, criterion, phase, type RunSpec, scenarioOf, verdictOf } from "./fixture.ts";
import { throughput } from "./throughput.ts";

/** Ten seconds of calls. */
const run = (...calls: Calls[]): RunSpec => ({ calls });
const open = (...calls: Calls[]): RunSpec => ({ calls, drive: "arrivals" });
const stalled = { lateness: 500, loopDelay: 500 };
const BASELINE = { throughput: 20, runId: "b1" };
const OFFERED = "throughput >= 95% of offered";

const RUNS: [fact: string, sentence: string, run: RunSpec, status: Verdict["status"], why: RegExp][] = [
  [
    "enough ok calls a second pass",
    "throughput >= 190/s",
    run({ count: 2000 }),
    "pass",
    /^throughput 200\/s reaches the required 190\/s/,
  ],
  [
    "too few ok calls fail",
    "throughput >= 190/s",
    run({ count: 1500 }, { count: 500, outcome: "timeout" }),
    "fail",
    /^throughput 150\/s is below/,
  ],
  ["no call is unknown", "throughput >= 190/s", run(), "unknown", /no call was due/],
  ["a pass on too few calls is unknown", "throughput >= 1/s", run({ count: 19 }), "unknown", /only 19 calls/],
  ["a handful of slow calls fails", "throughput >= 190/s", run({ count: 5, latency: 9000 }), "fail", /0.5\/s/],
  ["every call hanging fails", "throughput >= 190/s", run({ count: 10, outcome: "aborted" }), "fail", /0\/s/],
  ["everything refused fails", "throughput >= 190/s", run({ count: 10, outcome: "refused" }), "fail", /0\/s/],
  [
    "an unhealthy generator excuses users who wait for it",
    "throughput >= 190/s",
    { ...run({ count: 1000 }), ...stalled },
    "unknown",
    /not healthy/,
  ],
  [
    "an unhealthy generator does not excuse a service with no ok call",
    "throughput >= 190/s",
    { ...run({ count: 1000, outcome: "timeout" }), ...stalled },
    "fail",
    /0\/s/,
  ],
  [
    "what was offered and carried passes",
    OFFERED,
    open({ count: 960 }, { count: 40, outcome: "timeout" }),
    "pass",
    /ok 96 % reaches the required 95 %/,
  ],
  [
    "what was offered and failed fails",
    OFFERED,
    open({ count: 900 }, { count: 100, outcome: "timeout" }),
    "fail",
    /90 % is below/,
  ],
  ["nothing offered is unknown", OFFERED, open(), "unknown", /no call was due/],
  ["too little offered is unknown", OFFERED, open({ count: 10 }), "unknown", /only 10 calls/],
  ["every call hanging fails, cut or not", OFFERED, open({ count: 15, outcome: "aborted" }), "fail", /0 %/],
  [
    "a service that fills max_in_flight does not carry the rest",
    OFFERED,
    open({ count: 900 }, { count: 100, unsent: "limit" }),
    "fail",
    /90 %/,
  ],
  [
    "with an unhealthy generator a full max_in_flight may be its own fault",
    OFFERED,
    { ...open({ count: 900 }, { count: 100, unsent: "limit" }), ...stalled, maxInFlight: 9 },
    "unknown",
    /failed to send/,
  ],
  [
    "but not where it never stood still long enough to fill it",
    OFFERED,
    { ...open({ count: 900 }, { count: 100, unsent: "limit" }), ...stalled, maxInFlight: 11 },
    "fail",
    /90 %/,
  ],
  [
    "calls not sent for lateness excuse a fail that they make",
    OFFERED,
    open({ count: 900 }, { count: 100, unsent: "late" }),
    "unknown",
    /failed to send/,
  ],
  [
    "calls not sent do not excuse a fail that stands without them",
    OFFERED,
    open({ count: 800 }, { count: 150, outcome: "timeout" }, { count: 50, unsent: "machine" }),
    "fail",
    /80 %/,
  ],
  ["users have no offer", OFFERED, run({ count: 100 }), "unknown", /users wait for the service/],
  [
    "ten times the baseline passes",
    "throughput >= 9.5x baseline",
    run({ count: 2000 }),
    "pass",
    /200\/s reaches the required 190\/s.*9.5 times the baseline b1/,
  ],
  [
    "less than that fails",
    "throughput >= 9.5x baseline",
    run({ count: 1800 }),
    "fail",
    /180\/s is below the required 190\/s/,
  ],
];

describe("throughput", () => {
  test.each(RUNS)("%s: %s", (_, sentence, spec, status, why) => {
    const verdict = verdictOf(sentence, spec, {}, BASELINE);
    expect(verdict).toMatchObject({ criterion: sentence, status, why: expect.stringMatching(why) });
  });

  it("is unknown without a baseline, and for a part of the endpoints", () => {
    const spec = run({ count: 2000 });
    expect(verdictOf("throughput >= 9.5x baseline", spec)).toMatchObject({
      status: "unknown",
      why: expect.stringMatching(/no baseline/),
    });
    const part = verdictOf("throughput >= 9.5x baseline", spec, { scope: { service: "api" } }, BASELINE);
    expect(part).toMatchObject({ status: "unknown", scope: "service api" });
  });

  it("is of the measured phases and their length, up to where the run ended", () => {
    const phases = [phase("warm_up", 0, 5, false), phase("load", 5, 10)];
    const calls = [{ count: 5000 }, { count: 500, phase: 1, second: 6 }];
    expect(verdictOf("throughput >= 40/s", { phases, calls }).observed).toBe(50);
    expect(verdictOf("throughput >= 40/s", { phases, calls, duration: 10_000 }).observed).toBe(100);
  });

  it("needs arrivals where it speaks of what is offered", () => {
    const { rule } = criterion(OFFERED);
    expect(throughput.unfit!(rule as never, scenarioOf({ drive: "users" }))).toMatch(/users wait/);
    expect(throughput.unfit!(rule as never, scenarioOf({ drive: "arrivals" }))).toBeNull();
  });
});

describe("sentences about throughput", () => {
  test.each([
    ["throughput >= 190/s", { operator: ">=", limit: 190, of: "second" }],
    ["throughput>190.5 / s", { operator: ">", limit: 190.5, of: "second" }],
    ["throughput >= 95%  of offered", { operator: ">=", limit: 0.95, of: "offered" }],
    ["throughput >= 9.5x baseline", { operator: ">=", limit: 9.5, of: "baseline" }],
  ])("%s", (text, rule) => expect(throughput.parse(text)).toEqual(rule));

  test.each([
    ["throughput >= 190", /expected 190\/s, 95% of offered or 9.5x baseline after >=, found "190"/],
    ["throughput >= 95%", /found "95%"/],
    ["throughput < 95% of offered", /expected >= or > after "throughput", found "<"/],
    ["throughput p95 > 1/s", /expected "throughput" alone/],
  ])("nearly right, %j, are refused with what was expected", (text, message) => {
    expect(() => throughput.parse(text)).toThrow(message);
  });
});
