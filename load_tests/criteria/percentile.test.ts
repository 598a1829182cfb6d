import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import type { Scope, Service, Verdict } from "../core/model.ts";
import { type Calls, criterion, phase, type RunSpec, verdictOf } from "./fixture.ts";
import { type PercentileRule, percentile } from "./percentile.ts";

const calls = (count: number, latency: number, more: Partial<Calls> = {}): RunSpec => ({
  calls: [{ count, latency, ...more }],
});
const STT = { op: 1, metrics: [300] };

const RUNS: [fact: string, sentence: string, run: RunSpec, status: Verdict["status"], why: RegExp][] = [
  [
    "calls under the limit pass",
    "p95 < 2s",
    calls(1204, 100),
    "pass",
    /^p95 100 ms is under the limit of 2 s \(1,204 calls\)$/,
  ],
  [
    "calls over the limit fail",
    "p95 < 2s",
    calls(1204, 2410),
    "fail",
    /^p95 2.41 s is over the limit of 2 s \(1,204 calls\)$/,
  ],
  ["no call is unknown", "p95 < 2s", { calls: [] }, "unknown", /no call ended in all endpoints/],
  ["fewer calls than p95 needs are unknown", "p95 < 2s", calls(58, 100), "unknown", /only 58 calls, and p95 needs 59/],
  ["as many as p95 needs are judged", "p95 < 2s", calls(59, 100), "pass", /59 calls/],
  ["p99.9 needs 2,995", "p99.9 < 2s", calls(2994, 100), "unknown", /needs 2995/],
  ["a mean needs 20", "mean < 2s", calls(19, 100), "unknown", /needs 20/],
  ["too few slow calls are unknown too", "p95 < 2s", calls(10, 3000), "unknown", /only 10 calls/],
  [
    "an unhealthy generator excuses a fail",
    "p95 < 2s",
    { ...calls(100, 3000), loopDelay: 300 },
    "unknown",
    /generator was not healthy/,
  ],
  ["an unhealthy generator takes no pass away", "p95 < 2s", { ...calls(100, 100), loopDelay: 300 }, "pass", /under/],
  ["timeouts count with their full time", "p95 < 2s", calls(100, 30_000, { outcome: "timeout" }), "fail", /p95 30 s/],
  ["a few calls of which none is ok fail", "p95 < 2s", calls(7, 30_000, { outcome: "timeout" }), "fail", /7 calls/],
  ["service time is judged", "service_time max < 1s", calls(100, 1500), "fail", /^service_time max 1.5 s/],
  ["a metric is judged", "ttft p95 < 500ms", calls(100, 900, STT), "pass", /^ttft p95 300 ms/],
  [
    "a metric over its limit fails",
    "ttft p95 < 200ms",
    calls(100, 900, STT),
    "fail",
    /300 ms is over the limit of 200 ms/,
  ],
  [
    "a metric that no endpoint gives is unknown",
    "ttfa p95 < 1s",
    calls(100, 100),
    "unknown",
    /no endpoint gives "ttfa"/,
  ],
  [
    "a metric that no call gave is unknown",
    "ttft p95 < 1s",
    calls(100, 100, { op: 1 }),
    "unknown",
    /no call gave "ttft"/,
  ],
  ["a lower bound passes above it", "p50 >= 50ms", calls(100, 100), "pass", /reaches the required 50 ms/],
];

describe("times", () => {
  test.each(RUNS)("%s: %s", (_, sentence, run, status, why) => {
    expect(verdictOf(sentence, run)).toMatchObject({ criterion: sentence, status, why: expect.stringMatching(why) });
  });

  it("gives what was observed and its limit in milliseconds", () => {
    expect(verdictOf("max < 2s", calls(100, 250))).toMatchObject({ observed: 250, limit: 2000, unit: "ms" });
  });

  it("are judged in the unit of what the endpoint gives", () => {
    const metrics = [{ name: "reused", unit: "ratio" }];
    const ops = [{ service: "api", name: "GET /", protocol: "rest", method: "GET", metrics }];
    const run: RunSpec = {
      ops,
      calls: [
        { count: 95, metrics: [1] },
        { count: 5, metrics: [0] },
      ],
    };
    const verdict = verdictOf("reused mean > 90%", run);
    expect(verdict).toMatchObject({ status: "pass", limit: 0.9, unit: "ratio" });
    expect(verdict.why).toMatch(/^reused mean 95 % is above the required 90 %/);
  });

  it("shows the digits that tell a value from its limit", () => {
    expect(verdictOf("max < 2s", calls(100, 2000.4)).why).toMatch(/^max 2.0004 s is over the limit of 2 s/);
    expect(verdictOf("max < 2s", calls(100, 2000)).why).toMatch(/^max 2 s is at the limit of 2 s/);
  });

  it("leaves out phases that are not measured, unless it names one", () => {
    const phases = [phase("warm_up", 0, 5, false), phase("load", 5, 10)];
    const both = {
      phases,
      calls: [
        { count: 100, latency: 5000 },
        { count: 100, phase: 1, second: 6, latency: 100 },
      ],
    };
    expect(verdictOf("p95 < 2s", both)).toMatchObject({ status: "pass", scope: "all endpoints" });
    const named = verdictOf("p95 < 2s", both, { scope: { phase: "warm_up" } });
    expect(named).toMatchObject({ status: "fail", scope: "phase warm_up" });
  });

  it("takes the number of samples that the criterion names", () => {
    expect(verdictOf("p95 < 2s", calls(10, 100), { minSamples: 10 }).status).toBe("pass");
    expect(verdictOf("p95 < 2s", calls(99, 100), { minSamples: 100 }).status).toBe("unknown");
    const dead = calls(7, 30_000, { outcome: "timeout" });
    expect(verdictOf("p95 < 2s", dead, { minSamples: 100 }).status).toBe("unknown");
  });
});

describe("calls that were cut unanswered", () => {
  const cut = (count: number, second: number): Calls => ({ count, second, outcome: "aborted" });

  it("fail a percentile whose limit had passed when they were cut", () => {
    const verdict = verdictOf("p95 < 2s", { calls: [cut(20, 15)] });
    expect(verdict).toMatchObject({ status: "fail", observed: 5000 });
    expect(verdict.why).toMatch(/20 calls cut unanswered counted with the 5 s/);
  });
  it("prove nothing where they were cut before the limit had passed", () => {
    expect(verdictOf("p95 < 10s", { calls: [cut(20, 15)] }).status).toBe("unknown");
  });
  it("fail beside quick calls where they are more than one in twenty", () => {
    const quick = { count: 94, latency: 100 };
    expect(verdictOf("p95 < 2s", { calls: [quick, cut(6, 15)] }).status).toBe("fail");
    expect(verdictOf("p95 < 2s", { calls: [quick, cut(4, 15)] }).status).toBe("pass");
  });
});

describe("sentences about times", () => {
  const spaces = fc.constantFrom("", " ", "  ");
  const rules = fc.record({
    metric: fc.constantFrom("latency", "service_time", "ttft", "inter_token", "connect"),
    statistic: fc.oneof(fc.constantFrom("mean", "max"), fc.integer({ min: 1, max: 9999 })),
    operator: fc.constantFrom("<", "<=", ">", ">=", "==") as fc.Arbitrary<PercentileRule["operator"]>,
    limit: fc.integer({ min: 1, max: 100_000 }),
  });

  it("are read whatever their numbers, units and spaces", () => {
    fc.assert(
      fc.property(
        rules,
        fc.constantFrom("ms", "s", "m"),
        spaces,
        ({ metric, statistic, operator, limit }, unit, gap) => {
          const stat = typeof statistic === "number" ? `p${statistic / 100}` : statistic;
          const rule = percentile.parse(
            `${gap}${metric} ${gap}${stat}${gap}${operator}${gap}${limit}${gap}${unit}${gap}`,
          );
          const ms = limit * { ms: 1, s: 1000, m: 60_000 }[unit]!;
          expect(rule).toMatchObject({ metric, operator, limit: ms });
          if (typeof statistic === "number") expect(rule!.statistic).toBeCloseTo(statistic / 10_000, 10);
        },
      ),
    );
  });

  it("never break on any text", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        try {
          percentile.parse(text);
        } catch (error) {
          expect((error as Error).message).toMatch(/expected|not in this version/);
        }
      }),
    );
  });

  it("speak of latency where they name no metric, and in seconds where they name no unit", () => {
    expect(percentile.parse("p99.9<=1.5")).toEqual({
      metric: "latency",
      statistic: 0.999,
      operator: "<=",
      limit: 1500,
    });
  });

  test.each([
    ["reused mean > 90%", 0.9],
    ["redirects max <= 2", 2],
    ["tokens mean > 12.5", 12.5],
    ["tokens_per_second p50 > 20/s", 20],
    ["tokens_per_second p50 > 20", 20],
  ])("of other values, %j, have a limit in the unit of those", (text, limit) => {
    expect(percentile.parse(text)).toMatchObject({ limit });
  });

  test.each([
    "error_rate < 1%",
    "errors == 0",
    "throughput >= 190/s",
    "recovery < 30s",
    "slo(latency < 2s) >= 99%",
    "generator.lateness p99 < 10ms",
    "bananas",
    "",
  ])("leave %j to others", (text) => expect(percentile.parse(text)).toBeNull());

  test.each([
    ["p95 < fast", /expected a duration such as 500ms or 2s, found "fast"/],
    ["p95 < 5 bananas", /found "5 bananas"/],
    ["p95 = 2s", /expected a sentence such as "p95 < 2s", found "p95 = 2s"/],
    ["p95", /such as "p95 < 2s"/],
    ["latency < 2s", /such as "latency p95 < 2s"/],
    ["p100 < 2s", /between p0 and p100/],
    ["p0 < 2s", /between p0 and p100/],
    ["latencyy p95 < 2s", /no call gives "latencyy": expected one of latency, .*; did you mean "latency"\?/],
    ["tttf p99 < 2s", /did you mean "ttft"/],
    ["reused mean > 2s", /expected a share such as 1% or 0.01, found "2s"/],
    ["reused mean < 1", /can hardly fail, as 1 is 100 %; did you mean 1%\?/],
    ["tokens mean > 2s", /expected a number such as 3 or 12.5, found "2s"/],
    ["tokens mean > 2/s", /expected a number such as 3 or 12.5/],
    ["tokens_per_second p50 > many", /expected a number a second such as 20\/s/],
  ])("nearly right, %j, are refused with what was expected", (text, message) => {
    expect(() => percentile.parse(text)).toThrow(message);
  });

  test.each(["rtf mean < 0.5", "wer < 8%", "turn p95 < 2s", "capacity >= 10x baseline"])(
    "of a later version, %j, are refused",
    (text) => expect(() => percentile.parse(text)).toThrow(/is not in this version of Tenfold yet/),
  );
});

describe("a limit that no call may reach", () => {
  const service = (name: string, timeout: number, deadline: number | null = null) =>
    ({ name, timeout, endpoints: [{ settings: { deadline } }] }) as unknown as Service;
  const vain = (sentence: string, scope: Scope = {}, services = [service("a", 30_000)]) =>
    percentile.vain!({ ...criterion(sentence, { scope }), rule: percentile.parse(sentence)! }, services);

  test.each([
    [
      "p95 <= 500",
      "it can hardly fail, as no call may take longer than 30 s, and a bare number is seconds; did you mean 500ms?",
      true,
    ],
    ["ttft p99 < 31s", "it can hardly fail, as no call may take longer than 30 s", false],
  ])("is vain: %s", (sentence, why, slip) => expect(vain(sentence)).toEqual({ why, slip }));

  test.each([
    "p95 < 30s",
    "p95 < 29",
    "p95 > 31s",
    "tokens mean < 500",
    "reused mean < 90%",
    "tokens_per_second p50 < 90",
  ])("is none of %s", (sentence) => expect(vain(sentence)).toBeNull());

  test("is one of the services that it speaks of, and of their endpoints", () => {
    const services = [service("a", 1000), service("b", 1000, 5000)];
    expect(vain("p95 < 2s", {}, services)).toBeNull();
    expect(vain("p95 < 2s", { service: "b" }, services)).toBeNull();
    expect(vain("p95 < 2s", { service: "a" }, services)).not.toBeNull();
    expect(vain("p95 < 6s", {}, services)).not.toBeNull();
  });
});
