import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import type { Outcome, Verdict } from "../core/model.ts";
import { errors } from "./errors.ts";
import { type RunSpec, verdictOf } from "./fixture.ts";

/** So many calls of each outcome. */
const outcomes = (counts: Partial<Record<Outcome, number>>): RunSpec => ({
  calls: Object.entries(counts).map(([outcome, count]) => ({ outcome: outcome as Outcome, count })),
});
const checked = (passed: number, failed: number): RunSpec => ({
  calls: [{ count: passed + failed, checks: { passed, failed } }],
});
const stalled = { lateness: 500, loopDelay: 500 };

const RUNS: [fact: string, sentence: string, run: RunSpec, status: Verdict["status"], why: RegExp][] = [
  [
    "few errors pass",
    "error_rate < 1%",
    outcomes({ ok: 999, timeout: 1 }),
    "pass",
    /^error rate 0.1 % is under the limit of 1 % \(1,000 calls\)$/,
  ],
  [
    "many errors fail",
    "error_rate < 1%",
    outcomes({ ok: 90, "server-error": 5, invalid: 5 }),
    "fail",
    /^error rate 10 % is over the limit of 1 %/,
  ],
  ["no call is unknown", "error_rate < 1%", { calls: [] }, "unknown", /no call was sent in all endpoints/],
  [
    "too few calls are unknown",
    "error_rate < 1%",
    outcomes({ ok: 18, timeout: 1 }),
    "unknown",
    /only 19 calls, and error rate needs 20/,
  ],
  ["everything refused fails", "error_rate < 1%", outcomes({ refused: 5000 }), "fail", /100 %/],
  ["everything refused fails on a handful of calls", "error_rate < 1%", outcomes({ refused: 3 }), "fail", /3 calls/],
  ["every call hanging fails", "error_rate < 1%", outcomes({ timeout: 20, aborted: 20 }), "fail", /100 %/],
  ["cut calls are neither ok nor failures", "error_rate < 1%", outcomes({ ok: 100, aborted: 50 }), "pass", /100 calls/],
  [
    "only cut calls are unknown",
    "error_rate < 1%",
    outcomes({ aborted: 50 }),
    "unknown",
    /none of 50 calls ended by itself/,
  ],
  [
    "an unhealthy generator does not excuse errors",
    "error_rate < 1%",
    { ...outcomes({ ok: 50, timeout: 50 }), ...stalled },
    "fail",
    /50 %/,
  ],
  ["no errors pass", "errors == 0", outcomes({ ok: 20 }), "pass", /^errors 0 is the required 0/],
  [
    "one error fails, whatever the number of calls",
    "errors == 0",
    outcomes({ ok: 4, reset: 1 }),
    "fail",
    /^errors 1 is not the required 0/,
  ],
  ["no errors in too few calls are unknown", "errors == 0", outcomes({ ok: 4 }), "unknown", /only 4 calls/],
  ["no errors in no calls are unknown", "errors == 0", { calls: [] }, "unknown", /no call ended/],
  [
    "enough requests pass",
    "requests > 1000",
    outcomes({ ok: 900, timeout: 200 }),
    "pass",
    /^requests 1,100 is above the required 1,000/,
  ],
  [
    "too few requests fail",
    "requests > 1000",
    outcomes({ ok: 10 }),
    "fail",
    /^requests 10 is below the required 1,000/,
  ],
  ["no request is unknown", "requests > 1000", { calls: [] }, "unknown", /no call was sent/],
  [
    "good answers pass",
    "checks > 99%",
    checked(999, 1),
    "pass",
    /^checks passed 99.9 % is above the required 99 % \(1,000 checks\)/,
  ],
  ["bad answers fail", "checks > 99%", checked(90, 10), "fail", /90 % is below/],
  [
    "answers that no one checked are unknown",
    "checks > 99%",
    outcomes({ ok: 100 }),
    "unknown",
    /no answer was checked/,
  ],
  ["too few checks are unknown", "checks > 99%", checked(10, 0), "unknown", /only 10 checks/],
];

describe("counts", () => {
  test.each(RUNS)("%s: %s", (_, sentence, run, status, why) => {
    expect(verdictOf(sentence, run)).toMatchObject({ criterion: sentence, status, why: expect.stringMatching(why) });
  });

  it("gives the error rate as a ratio", () => {
    expect(verdictOf("error_rate < 1%", outcomes({ ok: 50, timeout: 50 }))).toMatchObject({
      observed: 0.5,
      limit: 0.01,
      unit: "ratio",
    });
  });

  it("is failures / (requests - aborted) whatever the counts", () => {
    const number = fc.integer({ min: 0, max: 200 });
    fc.assert(
      fc.property(fc.integer({ min: 20, max: 200 }), number, number, (ok, timeout, aborted) => {
        const { observed } = verdictOf("error_rate < 1%", outcomes({ ok, timeout, aborted }));
        expect(observed).toBeCloseTo(timeout / (ok + timeout), 12);
      }),
      { numRuns: 30 },
    );
  });
});

describe("sentences about counts", () => {
  it("are read as a share or as a plain ratio, whatever the spaces", () => {
    for (const text of ["error_rate < 1%", "error_rate<0.01", " error_rate  <  1 % "])
      expect(errors.parse(text)).toEqual({ count: "error_rate", operator: "<", limit: 0.01 });
  });
  it("are read for any whole number", () => {
    fc.assert(
      fc.property(fc.nat(), (n) => {
        expect(errors.parse(`requests >= ${n}`)).toEqual({ count: "requests", operator: ">=", limit: n });
      }),
    );
  });
  test.each([
    ["error_rate < 150%", /expected a share such as 1% or 0.01, found "150%"/],
    ["error_rate < 1", /can hardly fail, as 1 is 100 %; did you mean 1%\?/],
    ["error_rate <= 100%", /can hardly fail, as 100% is 100 %$/],
    ["error_rate < 5", /found "5"; did you mean 5%\?/],
    ["error_rate < 0%", /can never pass: did you mean "error_rate <= 0%"\?/],
    ["checks > 100%", /can never pass: did you mean "checks >= 100%"\?/],
    ["checks >= 0", /can never fail/],
    ["error_rate under 1%", /expected one of < <= > >= == and a value after "error_rate", found "under 1%"/],
    ["error_rate p95 < 1%", /expected "error_rate" alone/],
    ["errors == none", /expected a whole number such as 0 or 1000, found "none"/],
    ["requests > 1e3", /found "1e3"/],
  ])("nearly right, %j, are refused with what was expected", (text, message) => {
    expect(() => errors.parse(text)).toThrow(message);
  });
  test.each(["p95 < 2s", "throughput >= 1/s", "errorrate < 1%", "requests_total > 5"])("leave %j to others", (text) =>
    expect(errors.parse(text)).toBeNull(),
  );
});
