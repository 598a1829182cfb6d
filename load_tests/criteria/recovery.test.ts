import { describe, expect, it, test } from "vitest";
import { ENDLESS } from "../core/endless.ts";
import type { WatchedSecond } from "../core/ledger.ts";
import type { Verdict } from "../core/model.ts";
import { randomStream } from "../core/random.ts";
import { type Calls, criterion, phase, type RunSpec, runOf, scenarioOf, verdictOf } from "./fixture.ts";
import { recovery } from "./recovery.ts";
import { AFTER, BEFORE, decay, never, type Spike, STRESS, simulate, step } from "./simulation.ts";

const PHASES = [phase("level", 0, BEFORE), phase("spike", BEFORE, STRESS), phase("recovery", BEFORE + STRESS, AFTER)];
const ROLES = { before: "level", stress: ["spike"], after: "recovery" };
const shape = { phases: PHASES, roles: ROLES };
const END = BEFORE + STRESS + AFTER;

/** What a scenario of the three phases says of seconds that were followed. */
function judgeSeconds(seconds: readonly WatchedSecond[], sentence = "recovery < 30s", ended = END): Verdict {
  const spec = criterion(sentence);
  const { result } = runOf({ ...shape, criteria: [spec], calls: [], duration: ended * 1000 });
  const context = { baseline: null, watched: seconds, generatorHealthy: true, over: ended === END };
  return recovery.judge(spec as never, result, context)[0]!;
}

const verdicts = (perSecond: number, after: Spike["after"], runs: number): Verdict[] =>
  Array.from({ length: runs }, (_, i) => judgeSeconds(simulate({ perSecond, after }, randomStream(7, i))));

const RUNS = 40;
const share = (all: readonly Verdict[], is: (verdict: Verdict) => boolean): number =>
  all.filter(is).length / all.length;
const medianOf = (all: readonly Verdict[]): number =>
  all.map(({ observed }) => observed ?? Number.POSITIVE_INFINITY).sort((a, b) => a - b)[all.length >> 1]!;

describe("recovery of a simulated service", () => {
  test.each([
    [0, "pass"],
    [5, "pass"],
    [15, "pass"],
    [40, "fail"],
  ] as const)("back at once after %i s is found there", (seconds, status) => {
    const all = verdicts(100, step(seconds), RUNS);
    expect(share(all, ({ observed }) => observed !== undefined && Math.abs(observed - seconds) <= 1)).toBeGreaterThan(
      0.8,
    );
    expect(medianOf(all)).toBe(seconds);
    expect(share(all, (verdict) => verdict.status === status)).toBeGreaterThan(0.95);
  });

  it("fading within 40 s is found when it enters the band, at about 23 s", () => {
    const all = verdicts(100, decay(40), RUNS);
    expect(medianOf(all)).toBeGreaterThanOrEqual(20);
    expect(medianOf(all)).toBeLessThanOrEqual(27);
  });

  it("that never comes is never seen at 100 calls a second", () => {
    const all = verdicts(100, never, RUNS);
    expect(share(all, ({ status, observed }) => status === "fail" && observed === undefined)).toBe(1);
    expect(all[0]!.why).toMatch(/^not recovered in the 120 s of phase recovery.*windows of 5 s, p95 up to \d+ ms/);
  });

  it("is unknown at 10 calls a second, whatever happens", () => {
    for (const after of [never, step(0)]) {
      const all = verdicts(10, after, 5);
      expect(share(all, ({ status }) => status === "unknown")).toBe(1);
      expect(all[0]!.why).toMatch(/^rate too low: 500 calls a window are needed/);
    }
  });

  it("takes longer windows at 50 calls a second", () => {
    const all = verdicts(50, step(15), RUNS);
    expect(all[0]!.why).toMatch(/windows of 1[01] s/);
    expect(share(all, ({ status }) => status === "pass")).toBeGreaterThan(0.85);
    expect(share(verdicts(50, never, RUNS), ({ status }) => status === "pass")).toBe(0);
  });
});

test("recovery into a phase without an end is sought in its first hour, whose seconds are kept", () => {
  const phases = [...PHASES.slice(0, 2), phase("recovery", BEFORE + STRESS, ENDLESS / 1000)];
  const judged = (after: Spike["after"], merged: WatchedSecond[]) => {
    const spec = criterion("recovery < 30s");
    const { result } = runOf({ phases: PHASES, roles: ROLES, criteria: [spec], calls: [] });
    const scenario = { ...result.header.scenario, phases, duration: ENDLESS };
    const seconds = simulate({ perSecond: 100, after }, randomStream(7, 1)).slice(0, END);
    const hour = Array.from({ length: 3600 + BEFORE + STRESS - END }, (_, i) => seconds[END - 60 + (i % 60)]!);
    const run = { ...result, header: { ...result.header, scenario }, duration: 36_000_000 };
    const context = { baseline: null, watched: [...seconds, ...hour, ...merged], generatorHealthy: true, over: true };
    return recovery.judge(spec as never, run, context)[0]!;
  };
  const later = { span: 60, n: 6000, failures: 0, p95: 1, inFlight: 0 };
  for (const merged of [[], Array.from({ length: 400 }, () => later)]) {
    expect(judged(step(5), merged)).toMatchObject({ status: "pass", observed: 5 });
    expect(judged(never, merged)).toMatchObject({ status: "fail", why: expect.stringContaining("in the 3600 s") });
  }
});

/** 200 calls a second at 100 ms, and what is told of a second. */
const steady = (of: (second: number) => Partial<WatchedSecond> = () => ({})): WatchedSecond[] =>
  Array.from({ length: END }, (_, second) => ({ n: 200, failures: 0, inFlight: 20, p95: 100, ...of(second) }));
const hung = { n: 0, p95: undefined as never, inFlight: 50 };
const START = BEFORE + STRESS;
const slowUntil = (t: number) => steady((second) => (second >= BEFORE && second < START + t ? { p95: 900 } : {}));

const EDGES: [fact: string, seconds: WatchedSecond[], expected: Partial<Verdict>, why: RegExp][] = [
  [
    "a service that was never slow has recovered at once",
    steady(),
    { status: "pass", observed: 0 },
    /^recovery 0 s is under/,
  ],
  ["a recovery in time passes", slowUntil(12), { status: "pass", unit: "s", limit: 30 }, /is under the limit of 30 s/],
  ["a late recovery fails with its time", slowUntil(50), { status: "fail", observed: 48 }, /^recovery 48 s is over/],
  ["a service that hangs is not back", steady((s) => (s >= START ? hung : {})), { status: "fail" }, /not recovered/],
  [
    "a service without a call to do says nothing",
    steady((s) => (s >= START ? { ...hung, inFlight: 0 } : {})),
    { status: "fail" },
    /not recovered/,
  ],
  [
    "idle seconds between busy ones are no outage",
    steady((s) => (s % 2 === 0 ? { ...hung, inFlight: 0 } : { n: 400 })),
    { status: "pass", observed: 0 },
    /0 s/,
  ],
  [
    "errors keep a quick service out",
    steady((s) => (s >= START ? { failures: 10 } : {})),
    { status: "fail" },
    /not recovered/,
  ],
  ["errors as before do not", steady(() => ({ failures: 10 })), { status: "pass" }, /0 s/],
  [
    "a level of failures is no level",
    steady(() => ({ failures: 150 })),
    { status: "unknown" },
    /no level to come back to: 75 %/,
  ],
  [
    "a level of hanging calls is none",
    steady((s) => (s < 35 ? { ...hung } : { n: 1000 })),
    { status: "unknown" },
    /calls hung in phase level/,
  ],
  ["a last second of recovery is too late to be believed", slowUntil(104), { status: "fail" }, /not recovered/],
];

describe("recovery", () => {
  test.each(EDGES)("%s", (_, seconds, expected, why) => {
    expect(judgeSeconds(seconds)).toMatchObject({ ...expected, why: expect.stringMatching(why) });
  });

  it("is unknown where the run ended before enough of the after-phase", () => {
    expect(judgeSeconds(slowUntil(120), "recovery < 30s", START)).toMatchObject({
      status: "unknown",
      why: expect.stringMatching(/ended before phase recovery/),
    });
    expect(judgeSeconds(steady(), "recovery < 30s", START + 18)).toMatchObject({
      status: "unknown",
      why: expect.stringMatching(/too short to tell.*49 s are needed/),
    });
    expect(judgeSeconds(slowUntil(120), "recovery < 30s", START + 25).status).toBe("unknown");
  });

  it("is unknown where the phase before is too short to know its level", () => {
    const phases = [phase("level", 0, 9), phase("spike", 9, 9), phase("recovery", 18, 60)];
    const spec = criterion("recovery < 30s");
    const { result } = runOf({ phases, roles: ROLES, criteria: [spec], calls: [] });
    const context = { baseline: null, watched: steady(), generatorHealthy: true, over: true };
    expect(recovery.judge(spec as never, result, context)[0]).toMatchObject({
      status: "unknown",
      why: expect.stringMatching(/^phase level ran 9 s, and two windows of 5 s/),
    });
  });

  it("fails as soon as no recovery in time is possible any more", () => {
    expect(judgeSeconds(slowUntil(120), "recovery < 30s", START + 40).status).toBe("fail");
  });

  it("is excused by an unhealthy generator", () => {
    const spec = criterion("recovery < 30s");
    const { result } = runOf({ ...shape, criteria: [spec], calls: [] });
    const context = { baseline: null, watched: slowUntil(120), generatorHealthy: false, over: true };
    expect(recovery.judge(spec as never, result, context)[0]).toMatchObject({
      status: "unknown",
      why: expect.stringMatching(/not healthy/),
    });
  });

  it("does not fit a scenario without phases of those roles, or with too short an end", () => {
    const { rule } = criterion("recovery < 30s");
    const short = [...PHASES.slice(0, 2), phase("recovery", START, 15)];
    expect(recovery.unfit!(rule as never, scenarioOf({}))).toMatch(/needs a phase before the stress and one after it/);
    expect(recovery.unfit!(rule as never, scenarioOf({ phases: short, roles: ROLES }))).toMatch(/needs 20 s or more/);
    expect(recovery.unfit!(rule as never, scenarioOf(shape))).toBeNull();
    expect(verdictOf("recovery < 30s", { calls: [] })).toMatchObject({
      status: "unknown",
      why: expect.stringMatching(/roles/),
    });
  });
});

describe("recovery followed by the ledger", () => {
  /** 200 calls in each second of an endpoint, slow until `back`. */
  const calls = (op: number, back: number): Calls[] =>
    Array.from({ length: END }, (_, second) => ({
      op,
      second,
      phase: second < BEFORE ? 0 : second < START ? 1 : 2,
      count: 200,
      latency: second >= BEFORE && second < back ? 900 : 100,
    }));
  const spec: RunSpec = { ...shape, calls: [...calls(0, START + 10), ...calls(1, END)] };

  it("is judged over all endpoints, and over one", () => {
    expect(verdictOf("recovery < 30s", spec)).toMatchObject({ status: "fail", scope: "all endpoints" });
    const scope = { endpoint: "GET /items" };
    expect(verdictOf("recovery < 30s", spec, { scope })).toMatchObject({
      status: "pass",
      observed: 8,
      scope: "GET /items",
    });
  });

  it("is unknown without a call", () => {
    expect(verdictOf("recovery < 30s", { ...shape, calls: [] })).toMatchObject({
      status: "unknown",
      why: expect.stringMatching(/rate too low/),
    });
  });
});

describe("sentences about recovery", () => {
  it("name a time", () => {
    expect(recovery.parse(" recovery<1m 30s ")).toEqual({ operator: "<", limit: 90_000 });
  });
  test.each([
    ["recovery > 30s", /expected < or <= after "recovery", found ">"/],
    ["recovery 30s", /expected one of/],
    ["recovery p95 < 30s", /expected "recovery" alone/],
    ["recovery < soon", /expected a duration/],
  ])("nearly right, %j, are refused with what was expected", (text, message) => {
    expect(() => recovery.parse(text)).toThrow(message);
  });
});
