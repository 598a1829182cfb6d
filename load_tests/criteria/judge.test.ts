import { describe, expect, it, test } from "vitest";
import type { Verdict } from "../core/model.ts";
import { abortOf, type Calls, criterion, judged, OPS, phase, type RunSpec, runOf } from "./fixture.ts";
import { overall } from "./judge.ts";

const EACH = { scope: { endpoint: "each" } };
const calls = (op: number, count: number, latency: number): Calls => ({ op, count, latency });

describe("scopes", () => {
  const spec = { calls: [calls(0, 100, 100), calls(1, 100, 3000)] };
  test.each([
    [{}, "fail", "all endpoints"],
    [{ endpoint: "GET /items" }, "pass", "GET /items"],
    [{ service: "stt" }, "fail", "service stt"],
    [{ service: "api", endpoint: "GET /items", phase: "load" }, "pass", "service api, GET /items, phase load"],
  ])("%j", (scope, status, words) => {
    expect(judged({ ...spec, criteria: [criterion("p95 < 2s", { scope })] })).toEqual([
      expect.objectContaining({ status, scope: words }),
    ]);
  });

  it("of each endpoint give a verdict for each", () => {
    const verdicts = judged({ ...spec, criteria: [criterion("p95 < 2s", EACH)] });
    expect(verdicts.map(({ scope, status }) => [scope, status])).toEqual([
      ["GET /items", "pass"],
      ["stt.Recognize", "fail"],
    ]);
  });

  it("of each endpoint leave out those that do not give the metric", () => {
    const verdicts = judged({ ...spec, criteria: [criterion("ttft p95 < 1s", EACH)] });
    expect(verdicts.map(({ scope }) => scope)).toEqual(["stt.Recognize"]);
    const none = judged({ ...spec, criteria: [criterion("ttfa p95 < 1s", EACH)] });
    expect(none).toEqual([expect.objectContaining({ status: "unknown", why: expect.stringMatching(/no endpoint/) })]);
  });

  it("of each endpoint name the service where two share a name", () => {
    const ops = [OPS[0]!, { ...OPS[0]!, service: "web" }];
    const verdicts = judged({ ...spec, ops, criteria: [criterion("p95 < 2s", EACH)] });
    expect(verdicts.map(({ scope }) => scope)).toEqual(["service api, GET /items", "service web, GET /items"]);
  });

  it("of each endpoint follow each for recovery", () => {
    const phases = [phase("level", 0, 60), phase("spike", 60, 10), phase("after", 70, 60)];
    const roles = { before: "level", stress: ["spike"], after: "after" };
    const slow = (op: number, second: number) => second >= 60 && second < (op === 0 ? 75 : 130);
    const all = [0, 1].flatMap((op) =>
      Array.from({ length: 130 }, (_, second) => ({ op, second, count: 120, latency: slow(op, second) ? 900 : 100 })),
    );
    const verdicts = judged({ phases, roles, calls: all, criteria: [criterion("recovery < 30s", EACH)] });
    expect(verdicts.map(({ status }) => status)).toEqual(["pass", "fail"]);
  });
});

describe("load that the generator did not send", () => {
  const unsent = (cause: "late" | "machine" | "limit", count: number): RunSpec => ({
    drive: "arrivals",
    calls: [{ count: 10_000 }, { count, unsent: cause }],
    criteria: [criterion("p95 < 2s")],
  });
  const statusOf = (spec: RunSpec) => judged(spec)[0]!.status;

  it("turns a pass into unknown above 0.1 % of what was offered", () => {
    expect(statusOf(unsent("late", 10))).toBe("pass");
    expect(statusOf(unsent("late", 12))).toBe("unknown");
    expect(judged(unsent("machine", 100))[0]!.why).toMatch(
      /^p95 100 ms is under .*, but the generator did not send 0.99 % of the 10,100 calls that fell due \(0 for lateness, 100 for/,
    );
  });
  it("is not the generator's fault where the service fills max_in_flight", () => {
    expect(statusOf(unsent("limit", 1000))).toBe("pass");
  });
  it("leaves a fail that the sent calls prove", () => {
    const calls: Calls[] = [
      { count: 100, outcome: "timeout", latency: 30_000 },
      { count: 100, unsent: "late" },
    ];
    expect(judged({ calls, criteria: [criterion("error_rate < 1%")] })[0]!.status).toBe("fail");
  });
});

it("a criterion that no plug-in judges is unknown", () => {
  const [verdict] = judged({ calls: [{ count: 100 }], criteria: [{ ...criterion("p95 < 2s"), kind: "magic" }] });
  expect(verdict).toMatchObject({ status: "unknown", why: expect.stringMatching(/no plug-in.*magic/) });
});

describe("a service that cannot be used", () => {
  const DEFAULTS = ["p95 < 2s", "error_rate < 1%"].map((sentence) => criterion(sentence));
  const OPEN = [...DEFAULTS, criterion("throughput >= 95% of offered")];
  test.each<[string, RunSpec]>([
    ["refuses every call", { criteria: DEFAULTS, calls: [{ count: 500, outcome: "refused", latency: 1 }] }],
    ["refuses a few calls", { criteria: DEFAULTS, calls: [{ count: 4, outcome: "refused", latency: 1 }] }],
    [
      "hangs until each call times out",
      { criteria: DEFAULTS, calls: [{ count: 10, outcome: "timeout", latency: 30_000 }] },
    ],
    ["hangs until each call is cut", { criteria: DEFAULTS, calls: [{ count: 10, outcome: "aborted", second: 15 }] }],
    [
      "hangs until max_in_flight is full",
      {
        criteria: OPEN,
        drive: "arrivals",
        calls: [
          { count: 900, outcome: "timeout", latency: 30_000 },
          { count: 9000, unsent: "limit" },
        ],
      },
    ],
  ])("fails when it %s", (_, spec) => {
    const { result } = runOf(spec);
    expect(overall(judged(spec), result)).toEqual({ verdict: "fail", exitCode: 99, why: null });
  });
});

describe("the verdict of a run", () => {
  const verdict = (status: Verdict["status"]): Verdict => ({ criterion: "c", scope: "all endpoints", status, why: "" });
  const result = (more: Partial<RunSpec> = {}) => runOf({ calls: [{ count: 100 }], ...more }).result;

  test.each([
    [["pass", "pass"], "pass", 0],
    [["pass", "unknown"], "unknown", 97],
    [["fail", "unknown", "pass"], "fail", 99],
    [[], "unknown", 97],
  ] as const)("of %j is %s (%i)", (statuses, word, exitCode) => {
    expect(overall(statuses.map(verdict), result())).toMatchObject({ verdict: word, exitCode });
  });

  it("is unknown without a call, whatever the criteria say", () => {
    const none = overall([verdict("pass"), verdict("fail")], result({ calls: [] }));
    expect(none).toEqual({ verdict: "unknown", exitCode: 97, why: "no call was sent" });
  });
  it("is a fail where a criterion ended the run, even if its last calls made it good", () => {
    expect(overall([verdict("pass")], result({ ended: "aborted" }))).toMatchObject({ verdict: "fail", exitCode: 99 });
  });
  it("is unknown where a worker was lost or the run did not come to its end, but not where it failed", () => {
    const lost = { notices: [{ kind: "worker-lost", text: "worker 2 ended" }] as const };
    expect(overall([verdict("pass")], result(lost))).toMatchObject({ exitCode: 97, why: "worker 2 ended" });
    expect(overall([verdict("fail")], result(lost))).toMatchObject({ exitCode: 99 });
    expect(overall([verdict("pass")], result({ ended: "failed" }))).toMatchObject({ exitCode: 97 });
  });
});

describe("a run that may abort", () => {
  const abort = { abort: true };
  const failing: Calls = { count: 100, outcome: "timeout", latency: 5000 };
  const cause = (sentence: string, calls: Calls[], more: Partial<RunSpec> = {}) =>
    abortOf({ calls, duration: 3000, ...more, criteria: [criterion(sentence, abort)] });

  it("ends when a criterion fails on the data so far", () => {
    expect(cause("error_rate < 1%", [failing])).toMatchObject({ criterion: "error_rate < 1%", status: "fail" });
    expect(cause("p95 < 2s", [failing])).toMatchObject({ status: "fail" });
  });
  it("goes on while criteria pass, have too few calls, or did not ask to abort", () => {
    expect(cause("error_rate < 1%", [{ count: 100 }])).toBeNull();
    expect(cause("error_rate < 1%", [{ ...failing, count: 3 }])).toBeNull();
    expect(abortOf({ calls: [failing], criteria: [criterion("error_rate < 1%")] })).toBeNull();
  });
  it("goes on while the rest of the run can make it good", () => {
    expect(cause("requests > 1000", [{ count: 100 }])).toBeNull();
    expect(cause("throughput >= 190/s", [{ count: 100 }])).toBeNull();
  });
  it("ends where a count is past its bound for good", () => {
    expect(cause("errors == 0", [failing])).toMatchObject({ status: "fail" });
    expect(cause("requests < 50", [{ count: 100 }])).toMatchObject({ status: "fail" });
  });
  it("goes on where its own generator is to blame", () => {
    expect(cause("p95 < 2s", [failing], { loopDelay: 300 })).toBeNull();
  });
});
