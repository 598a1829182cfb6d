import { describe, expect, it, test } from "vitest";
import type { Verdict } from "../core/model.ts";
import { slosOf } from "../core/slo.ts";
import { type Calls, criterion, judged, type RunSpec, scenarioOf, verdictOf } from "./fixture.ts";
import { slo } from "./slo.ts";

const SENTENCE = "slo(latency < 2s, ttft < 500ms) >= 99%";
const met = (count: number): Calls => ({ op: 1, count, slosMet: [true] });
const missed = (count: number, more: Partial<Calls> = {}): Calls => ({ op: 1, count, slosMet: [false], ...more });

const RUNS: [fact: string, run: RunSpec, status: Verdict["status"], why: RegExp][] = [
  [
    "enough calls that meet it pass",
    { calls: [met(995), missed(5)] },
    "pass",
    /99.5 % reaches the required 99 % \(1,000 calls\)/,
  ],
  ["too few that meet it fail", { calls: [met(900), missed(100)] }, "fail", /90 % is below the required 99 %/],
  ["failed calls are in the denominator", { calls: [met(900), missed(100, { outcome: "timeout" })] }, "fail", /90 %/],
  ["cut calls are not", { calls: [met(900), missed(100, { outcome: "aborted" })] }, "pass", /100 %/],
  ["no call is unknown", { calls: [] }, "unknown", /no call ended/],
  ["too few calls are unknown", { calls: [met(19)] }, "unknown", /only 19 calls/],
  ["a few calls of which none is ok fail", { calls: [missed(5, { outcome: "refused" })] }, "fail", /0 %/],
  ["an unhealthy generator excuses a fail", { calls: [met(50), missed(50)], loopDelay: 100 }, "unknown", /not healthy/],
];

describe("an objective", () => {
  test.each(RUNS)("%s", (_, run, status, why) => {
    expect(verdictOf(SENTENCE, run)).toMatchObject({ status, why: expect.stringMatching(why) });
  });

  it("is unknown where no endpoint gives one of its metrics", () => {
    const run = { calls: [{ count: 100, slosMet: [true] }] };
    const verdict = verdictOf("slo(latency < 2s, ttfa < 1s) >= 99%", run);
    expect(verdict).toMatchObject({ status: "unknown", why: expect.stringMatching(/no endpoint gives "ttfa"/) });
  });

  it("is counted at its place among the objectives of the scenario", () => {
    const criteria = [
      criterion("p95 < 2s"),
      criterion("slo(latency < 1s) >= 99%"),
      criterion("slo(latency < 2s) > 50%"),
    ];
    const calls = [
      { count: 60, slosMet: [false, true] },
      { count: 40, slosMet: [false, false] },
    ];
    expect(judged({ calls, criteria }).map(({ observed }) => observed)).toEqual([expect.closeTo(100), 0, 0.6]);
    expect(slosOf(scenarioOf({ criteria })).map(({ limits }) => limits[0]!.limit)).toEqual([1000, 2000]);
  });

  it("of each endpoint judges those that give its metrics", () => {
    const criteria = [criterion(SENTENCE, { scope: { endpoint: "each" } })];
    expect(judged({ calls: [met(100)], criteria }).map(({ scope }) => scope)).toEqual(["stt.Recognize"]);
  });
});

describe("sentences about objectives", () => {
  it("name limits and a share, whatever the spaces", () => {
    const limits = [
      { metric: "latency", limit: 2000 },
      { metric: "ttft", limit: 500 },
    ];
    for (const text of [SENTENCE, " slo ( latency<2s ,ttft < 500 ms )>=99 %"])
      expect(slo.parse(text)).toEqual({ limits, operator: ">=", share: 0.99 });
  });
  it("limit values in their own unit, from below where they say so", () => {
    expect(slo.parse("slo(tpot < 50ms, tokens_per_second > 20, reused > 90%, tokens < 500) >= 99%")?.limits).toEqual([
      { metric: "tpot", limit: 50 },
      { metric: "tokens_per_second", limit: 20, over: true },
      { metric: "reused", limit: 0.9, over: true },
      { metric: "tokens", limit: 500 },
    ]);
  });
  test.each([
    ["slo() >= 99%", /expected a limit such as "latency < 2s" in slo/],
    ["slo(latency <= 2s) >= 99%", /expected < or > after "latency", found "<="/],
    ["slo(reused > 20ms) >= 99%", /expected a share such as 1% or 0.01, found "20ms"/],
    ["slo(ttfbb < 20ms) >= 99%", /did you mean "ttfb"/],
    ["slo(latency < 2s) > 100%", /can never pass: did you mean "slo >= 100%"/],
    ["slo(latency < 2s) < 99%", /expected >= or >/],
    ["slo(latency < 2s)", /expected one of < <= > >= ==/],
    ["slo latency < 2s >= 99%", /expected slo\(limit, limit\) >= share/],
    ["slo(wer < 8%) >= 99%", /"wer" is not in this version/],
  ])("nearly right, %j, are refused with what was expected", (text, message) => {
    expect(() => slo.parse(text)).toThrow(message);
  });
  test.each(["p95 < 2s", "slow < 2s"])("leave %j to others", (text) => expect(slo.parse(text)).toBeNull());
});
