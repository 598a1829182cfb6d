import { describe, expect, it } from "vitest";
import type { Scenario } from "../core/model.ts";
import { neededSamples, recoveryTooThin, thinCriteria } from "./expectation.ts";
import { API, load, problemsOf, scenarioOf } from "./fixtures_plan.ts";

const sentences = ({ criteria }: Scenario) => criteria.map(({ sentence, origin }) => `${sentence} (${origin})`);
const notJudged = ({ notices }: Scenario) =>
  notices.filter(({ kind }) => kind === "not-judged").map(({ text }) => text);
const SPIKE = "users: 500, spawn_rate: 50, duration: 5m, shape: spike";

describe("The criteria of a scenario", () => {
  const run = async (file: string, words: string) =>
    (await load(`${API}\n${file}\nscenarios: { s: ${words} }`)).scenarios[0]!;

  it("are the defaults where nothing is said", async () => {
    expect(sentences(await scenarioOf("{ users: 1, duration: 1m }"))).toEqual([
      "p95 < 2s (default)",
      "error_rate < 1% (default)",
    ]);
    expect(sentences(await scenarioOf("{ rate: 1, duration: 1m }"))).toContain(
      "throughput >= 95% of offered (default)",
    );
    expect(sentences(await scenarioOf(`{ ${SPIKE} }`))).toContain("recovery < 30s (default)");
  });

  it("take the file's threshold of the error rate", async () => {
    for (const [threshold, sentence] of [
      ["0.02", "error_rate < 2%"],
      ["0.1%", "error_rate < 0.1%"],
      ["0.07", "error_rate < 7%"],
    ])
      expect(
        sentences(await run(`metrics: { error_rate: { threshold: ${threshold} } }`, "{ users: 1, duration: 1m }")),
      ).toContain(`${sentence} (default)`);
  });

  it("are the file's instead of the defaults, the scenario's instead of the file's, and extra ones beside both", async () => {
    const file = "criteria: [ p99 < 1s ]";
    expect(sentences(await run(file, "{ users: 1, duration: 1m }"))).toEqual(["p99 < 1s (file)"]);
    expect(sentences(await run(file, "{ users: 1, duration: 1m, extra_criteria: [ max < 9s ] }"))).toEqual([
      "p99 < 1s (file)",
      "max < 9s (scenario)",
    ]);
    expect(sentences(await run(file, "{ users: 1, duration: 1m, criteria: [ mean < 1s ] }"))).toEqual([
      "mean < 1s (scenario)",
    ]);
    expect(sentences(await run(file, "{ users: 1, duration: 1m, criteria: [] }"))).toEqual([]);
  });

  it("of the file are left out with a notice where the shape cannot answer them; the scenario's own stay", async () => {
    const left = await run("criteria: [ p95 < 2s, recovery < 30s ]", "{ users: 1, duration: 1m }");
    expect(sentences(left)).toEqual(["p95 < 2s (file)"]);
    expect(notJudged(left)).toEqual(["recovery < 30s is not judged: no phase is named as the one after the stress"]);
    expect(sentences(await scenarioOf("{ users: 1, duration: 1m, criteria: [ recovery < 30s ] }"))).toEqual([
      "recovery < 30s (scenario)",
    ]);
  });

  it("of the file are left out where a scenario has not the phase they speak of", async () => {
    const text = `${API}\ncriteria: [ { expect: p95 < 2s, phase: rush } ]\nscenarios:\n  a: { users: 1, duration: 1m }\n  b: { phases: [ { name: rush, users: 1, duration: 1m } ] }`;
    const { scenarios } = await load(text, { flags: { scenario: ["a", "b"] } });
    expect(scenarios.map((each) => each.criteria.length)).toEqual([0, 1]);
    expect(notJudged(scenarios[0]!)[0]).toContain("no phase is named `rush`");
  });

  it("keep their scope, their samples and whether they end the run", async () => {
    const { criteria } = await scenarioOf(
      '{ users: 1, duration: 1m, criteria: [ { expect: p95 < 2s, service: api, endpoint: "GET /", phase: load, min_samples: 100, abort: true } ] }',
    );
    expect(criteria).toEqual([
      {
        sentence: "p95 < 2s",
        kind: "percentile",
        rule: { sentence: "p95 < 2s" },
        scope: { service: "api", endpoint: "GET /", phase: "load" },
        minSamples: 100,
        abort: true,
        origin: "scenario",
      },
    ]);
  });
});

describe("The calls that are expected", () => {
  it.each([
    ["p90 < 2s", 29],
    ["p95 < 2s", 59],
    ["p99 < 2s", 299],
    ["p99.9 < 2s", 2995],
    ["p50 < 2s", 20],
    ["mean < 2s", 20],
    ["error_rate < 1%", 20],
  ])("%s needs %i", (sentence, samples) => {
    expect(neededSamples({ sentence, minSamples: null } as never)).toBe(samples);
    expect(neededSamples({ sentence, minSamples: 7 } as never)).toBe(7);
  });

  it("are named where they are too few: users over the think time plus a second", async () => {
    const thin = await scenarioOf("{ users: 3, duration: 100s, criteria: [ p95 < 2s, p99 < 2s ] }");
    expect(thinCriteria(thin)).toEqual([
      "p99 < 2s: about 100 calls are expected and 299 are needed; fewer are unknown",
    ]);
  });

  it("are a notice of the run", async () => {
    const { notices } = await scenarioOf("{ users: 3, duration: 100s, criteria: [ p95 < 2s, p99 < 2s ] }");
    expect(notices).toEqual([
      { kind: "few-samples", text: "p99 < 2s: about 100 calls are expected and 299 are needed; fewer are unknown" },
    ]);
  });

  it("are those of the scope and its phases", async () => {
    const words =
      "{ phases: [ { name: a, rate: 10, duration: 60s }, { name: b, rate: 1, duration: 10s } ], criteria: [ { expect: p95 < 2s, phase: b }, { expect: p99 < 2s, endpoint: each } ] }";
    expect(thinCriteria(await scenarioOf(words))).toEqual([
      "p95 < 2s: about 10 calls are expected and 59 are needed; fewer are unknown",
    ]);
  });
});

describe("A limit that no call may reach", () => {
  const scenario = (criteria: string) =>
    `${API}\nscenarios: { s: { users: 1, duration: 1m, criteria: [ ${criteria} ] } }`;

  it("is told before anything is sent", async () => {
    expect((await load(scenario("max < 99s, max < 9s"))).remarks).toContain("s: max < 99s: nothing lasts so long");
  });

  it("is refused where it is a slip, also in the file's criteria", async () => {
    const message = expect.stringContaining("`max < 99ms`: nothing lasts so long");
    expect(await problemsOf(scenario("max < 99ms"))).toMatchObject([{ line: 2, column: 55, message }]);
    const file = `${API}\ncriteria: [ max < 99ms ]\nscenarios: { s: { users: 1, duration: 1m } }`;
    expect(await problemsOf(file)).toMatchObject([{ line: 2, column: 13, message }]);
  });
});

describe("The default recovery criterion", () => {
  it("is left out where a quarter of the recovery cannot hold 500 calls, and says what it would take", async () => {
    const scenario = await scenarioOf("{ users: 50, spawn_rate: 50, duration: 5m, shape: spike }");
    expect(sentences(scenario)).not.toContain("recovery < 30s (default)");
    expect(notJudged(scenario)).toEqual([
      "recovery < 30s is not judged: about 100 calls are expected in a quarter of the recovery and 500 are needed: it would take 50 users before the spike, or 600 s of recovery",
    ]);
  });

  it("is judged where what is said to be enough is there", async () => {
    expect(recoveryTooThin(await scenarioOf("{ users: 250, duration: 5m, shape: spike }"))).toBeNull();
    expect(recoveryTooThin(await scenarioOf("{ users: 50, duration: 25m, shape: spike }"))).toBeNull();
  });

  it("is judged all the same where it is written", async () => {
    const scenario = await scenarioOf("{ users: 50, duration: 5m, shape: spike, criteria: [ recovery < 30s ] }");
    expect(sentences(scenario)).toEqual(["recovery < 30s (scenario)"]);
  });
});
