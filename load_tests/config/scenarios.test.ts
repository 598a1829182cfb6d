import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { expectedArrivals, levelAt, peakUsers } from "../core/schedule.ts";
import { API, load, scenarioOf } from "./fixtures_plan.ts";

const segmentsOf = async (words: string) => (await scenarioOf(words)).flows[0]!.segments;
const spansOf = async (words: string) =>
  (await scenarioOf(words)).phases.map(({ name, start, duration, measured }) => [name, start, duration, measured]);

describe("A scenario of users", () => {
  it("starts all at once where no spawn rate is given", async () => {
    expect(await segmentsOf("{ users: 20, duration: 15s }")).toEqual([
      { start: 0, duration: 15_000, from: 20, to: 20 },
    ]);
  });

  it("rises in a straight line at the spawn rate, within its duration", async () => {
    const scenario = await scenarioOf("{ users: 10, spawn_rate: 2, duration: 5m }");
    expect(scenario.flows[0]!.segments).toEqual([
      { start: 0, duration: 5000, from: 0, to: 10 },
      { start: 5000, duration: 295_000, from: 10, to: 10 },
    ]);
    expect(scenario.phases).toEqual([{ name: "load", start: 0, duration: 300_000, measured: true, spawnRate: 2 }]);
    expect(scenario.duration).toBe(300_000);
  });

  it("is cut where its ramp is longer than its duration, and that is said", async () => {
    const plan = await load(`${API}\nscenarios: { s: { users: 100, spawn_rate: 10, duration: 4s } }`);
    expect(plan.scenarios[0]!.flows[0]!.segments).toEqual([{ start: 0, duration: 4000, from: 0, to: 40 }]);
    expect(plan.remarks).toContain("s: phase load reaches 40 of 100 users before it ends");
  });

  it("has every default written out", async () => {
    const scenario = await scenarioOf("{ users: 1, duration: 1m }");
    expect(scenario).toMatchObject({ seed: 1, maxInFlight: 10_000, grace: 30_000, description: "", roles: null });
    expect(scenario.flows[0]).toMatchObject({ drive: "users", arrivals: "even", think: { min: 1000, max: 3000 } });
    expect(scenario.services[0]).toMatchObject({
      timeout: 30_000,
      connectTimeout: 10_000,
      waitForReady: 30_000,
      weight: 1,
    });
  });

  it.each([
    ["2s", { min: 2000, max: 2000 }],
    ["0.2s..0.6s", { min: 200, max: 600 }],
    ["500ms..1m", { min: 500, max: 60_000 }],
    ["0", { min: 0, max: 0 }],
    ["1..3", { min: 1000, max: 3000 }],
    ["{ exponential: 3s }", { exponential: 3000 }],
    ["{ gamma: { shape: 2, mean: 3s } }", { gamma: { shape: 2, mean: 3000 } }],
    ["{ lognormal: { median: 2s, sigma: 0.6 } }", { lognormal: { median: 2000, sigma: 0.6 } }],
    ["{ values: [ 1s, 3s ] }", { values: [1000, 3000] }],
  ])("thinks for %s", async (text, think) => {
    expect((await scenarioOf(`{ users: 1, duration: 1m, think_time: ${text} }`)).flows[0]!.think).toEqual(think);
  });
});

describe("A scenario of arrivals", () => {
  it.each([
    ["", "even"],
    [", arrivals: poisson", "poisson"],
    [", arrivals: { cv: 2 }", { cv: 2 }],
  ])("comes as written%s", async (words, arrivals) => {
    const { flows } = await scenarioOf(`{ rate: 200, duration: 5m${words} }`);
    expect(flows[0]).toMatchObject({
      drive: "arrivals",
      arrivals,
      segments: [{ start: 0, duration: 300_000, from: 200, to: 200 }],
    });
  });

  it("may rise in a straight line", async () => {
    expect(expectedArrivals(await segmentsOf("{ rate: { from: 0, to: 100 }, duration: 10s }"))).toBe(500);
    expect(expectedArrivals(await segmentsOf("{ rate: { to: 100 }, duration: 10s }"))).toBe(500);
  });
});

describe("Phases", () => {
  const WORDS = `{ phases: [
    { name: level, users: 50, spawn_rate: 10, duration: 60s },
    { name: surge, users: { to: 500 }, duration: 9s },
    { name: spike, users: 500, duration: 60s, measured: false },
    { users: 50, spawn_rate: 90, duration: 20s } ] }`;

  it("go on from the level before", async () => {
    expect(await segmentsOf(WORDS)).toEqual([
      { start: 0, duration: 5000, from: 0, to: 50 },
      { start: 5000, duration: 55_000, from: 50, to: 50 },
      { start: 60_000, duration: 9000, from: 50, to: 500 },
      { start: 69_000, duration: 60_000, from: 500, to: 500 },
      { start: 129_000, duration: 5000, from: 500, to: 50 },
      { start: 134_000, duration: 15_000, from: 50, to: 50 },
    ]);
  });

  it("are named and measured as written", async () => {
    expect(await spansOf(WORDS)).toEqual([
      ["level", 0, 60_000, true],
      ["surge", 60_000, 9000, true],
      ["spike", 69_000, 60_000, false],
      ["phase 4", 129_000, 20_000, true],
    ]);
  });

  it("follow a warm-up at the first level, which is not measured", async () => {
    const scenario = await scenarioOf("{ users: 10, spawn_rate: 5, duration: 1m, warm_up: 30s }");
    expect(scenario.phases).toEqual([
      { name: "warm_up", start: 0, duration: 30_000, measured: false, spawnRate: 5 },
      { name: "load", start: 30_000, duration: 60_000, measured: true, spawnRate: 5 },
    ]);
    expect(scenario.flows[0]!.segments).toEqual([
      { start: 0, duration: 2000, from: 0, to: 10 },
      { start: 2000, duration: 28_000, from: 10, to: 10 },
      { start: 30_000, duration: 60_000, from: 10, to: 10 },
    ]);
  });

  it("lie end to end whatever they are", async () => {
    const level = fc.oneof(
      fc.nat(100),
      fc.record({ to: fc.nat(100) }),
      fc.record({ from: fc.nat(100), to: fc.nat(100) }),
    );
    const phase = fc.record({
      users: level,
      seconds: fc.integer({ min: 1, max: 100 }),
      spawn: fc.option(fc.integer({ min: 1, max: 50 })),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(phase, { minLength: 1, maxLength: 6 }), async (phases) => {
        const written = phases.map(({ users, seconds, spawn }) => ({
          users,
          duration: seconds,
          ...(spawn !== null && typeof users === "number" ? { spawn_rate: spawn } : {}),
        }));
        const words = JSON.stringify({ phases: [{ users: 1, duration: 1 }, ...written] });
        const { flows, phases: spans, duration } = await scenarioOf(words);
        const { segments } = flows[0]!;
        const end = (parts: readonly { start: number; duration: number }[]) =>
          parts.reduce((at, part) => (Math.abs(part.start - at) < 1e-6 ? at + part.duration : Number.NaN), 0);
        expect(end(segments)).toBeCloseTo(duration, 6);
        expect(end(spans)).toBeCloseTo(duration, 6);
        expect(segments.every((each) => each.duration > 0 && each.from >= 0 && each.to >= 0)).toBe(true);
      }),
      { numRuns: 60 },
    );
  });
});

describe("A spike", () => {
  const JUNE = "{ users: 500, spawn_rate: 50, duration: 5m, shape: spike }";

  it("has a level of a fifth, a surge, the spike and a recovery of two fifths", async () => {
    expect(await spansOf(JUNE)).toEqual([
      ["level", 0, 60_000, true],
      ["surge", 60_000, 8000, true],
      ["spike", 68_000, 112_000, true],
      ["recovery", 180_000, 120_000, true],
    ]);
    expect(await segmentsOf(JUNE)).toEqual([
      { start: 0, duration: 2000, from: 0, to: 100 },
      { start: 2000, duration: 58_000, from: 100, to: 100 },
      { start: 60_000, duration: 8000, from: 100, to: 500 },
      { start: 68_000, duration: 112_000, from: 500, to: 500 },
      { start: 180_000, duration: 120_000, from: 100, to: 100 },
    ]);
  });

  it("is the shape of a scenario called spike", async () => {
    const plan = await load(`${API}\nscenarios: { spike: { users: 500, spawn_rate: 50, duration: 5m } }`);
    expect(plan.scenarios[0]!.phases.map(({ name }) => name)).toEqual(["level", "surge", "spike", "recovery"]);
    expect(plan.scenarios[0]!.roles).toEqual({ before: "level", stress: ["surge", "spike"], after: "recovery" });
  });

  it("reaches all its users also where it is short, and says that it hurries", async () => {
    const plan = await load(`${API}\nscenarios: { s: { users: 500, spawn_rate: 50, duration: 10s, shape: spike } }`);
    const { flows, phases } = plan.scenarios[0]!;
    expect(peakUsers(flows[0]!.segments)).toBe(500);
    expect(levelAt(flows[0]!.segments, 1999)).toBe(100);
    expect(phases.map(({ duration }) => duration)).toEqual([2000, 2000, 2000, 4000]);
    expect(plan.remarks.join()).toContain("too slow for so short a spike");
  });

  it("surges at once without a spawn rate", async () => {
    expect((await spansOf("{ users: 10, duration: 50s, shape: spike }")).map(([name]) => name)).toEqual([
      "level",
      "spike",
      "recovery",
    ]);
  });
});

describe("Roles", () => {
  const phases = (...names: string[]) =>
    `phases: [ ${names.map((name) => `{ name: ${name}, users: 1, duration: 1m }`).join(", ")} ]`;
  it.each([
    [
      `{ ${phases("level", "surge", "pause", "spike", "recovery")} }`,
      { before: "level", stress: ["surge", "spike"], after: "recovery" },
    ],
    [`{ ${phases("level", "storm", "recovery")} }`, { before: "level", stress: ["storm"], after: "recovery" }],
    [
      `{ ${phases("a", "b", "c", "d")}, roles: { before: a, after: d } }`,
      { before: "a", stress: ["b", "c"], after: "d" },
    ],
    [
      `{ ${phases("a", "b", "c", "d")}, roles: { before: a, stress: b, after: d } }`,
      { before: "a", stress: ["b"], after: "d" },
    ],
    [`{ ${phases("level", "recovery")} }`, null],
    [`{ ${phases("one", "two")} }`, null],
  ])("of %s", async (words, roles) => {
    expect((await scenarioOf(words)).roles).toEqual(roles);
  });
});

describe("Defaults of the file", () => {
  const file = (defaults: string, words: string) => `${API}\ndefaults: ${defaults}\nscenarios: { s: ${words} }`;
  it("lie below every scenario", async () => {
    const { scenarios } = await load(
      file("{ think_time: 5s, seed: 7, grace: 1s }", "{ users: 1, duration: 1m, seed: 8 }"),
    );
    expect(scenarios[0]).toMatchObject({ seed: 8, grace: 1000, flows: [{ think: { min: 5000, max: 5000 } }] });
  });

  it("give way where a scenario is of another kind", async () => {
    const defaults = "{ users: 5, spawn_rate: 1, duration: 1m }";
    expect((await load(file(defaults, "{ rate: 5 }"))).scenarios[0]!.flows[0]).toMatchObject({ drive: "arrivals" });
    expect((await load(file(defaults, "{ phases: [ { users: 1, duration: 5s } ] }"))).scenarios[0]!.duration).toBe(
      5000,
    );
  });
});

describe("Services of a scenario", () => {
  const SERVICES = `services:
  rest: { api: { host: a, endpoints: [ { path: / } ] } }
  grpc: { stt: { host: embedded, embedded: { latency: 50ms } }, tts: { host: b:1, timeout: 2s }, off: { host: c, enabled: false } }`;
  const names = async (words: string, flags = {}) =>
    (await load(`${SERVICES}\nscenarios: { s: ${words} }`, { flags })).scenarios[0]!.services.map(({ name }) => name);

  it("are all that are enabled", async () => {
    expect(await names("{ users: 1, duration: 1m }")).toEqual(["stt", "tts", "api"]);
  });
  it("are those it names", async () => {
    expect(await names("{ users: 1, duration: 1m, services: [ tts, api ] }")).toEqual(["tts", "api"]);
  });
  it("are those of its test type; the flag beats the file", async () => {
    expect(await names("{ users: 1, duration: 1m, test_type: rest }")).toEqual(["api"]);
    expect(await names("{ users: 1, duration: 1m, test_type: rest }", { testType: "grpc" })).toEqual(["stt", "tts"]);
  });
  it("are those of the file's test type where the scenario says none", async () => {
    const typed = (words: string) => load(`${SERVICES}\ntest_type: rest\nscenarios: { s: ${words} }`);
    const named = async (words: string) => (await typed(words)).scenarios[0]!.services.map(({ name }) => name);
    expect(await named("{ users: 1, duration: 1m }")).toEqual(["api"]);
    expect(await named("{ users: 1, duration: 1m, test_type: grpc }")).toEqual(["stt", "tts"]);
  });
  it("are stand-ins with their settings where they are embedded", async () => {
    const { scenarios } = await load(`${SERVICES}\nscenarios: { s: { users: 1, duration: 1m } }`);
    expect(scenarios[0]!.services[0]).toMatchObject({
      host: "embedded",
      embedded: true,
      standIn: { latency: 50, error_rate: 0 },
    });
    expect(scenarios[0]!.notices.filter(({ kind }) => kind === "embedded")).toHaveLength(1);
  });
  it("take the scenario's timeout where they set none", async () => {
    const { scenarios } = await load(`${SERVICES}\nscenarios: { s: { users: 1, duration: 1m, timeout: 5s } }`);
    expect(scenarios[0]!.services.map(({ timeout }) => timeout)).toEqual([5000, 2000, 5000]);
  });
});
