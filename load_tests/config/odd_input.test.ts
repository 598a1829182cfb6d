import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { load } from "./fixtures_plan.ts";
import { ConfigError } from "./load.ts";
import { planText } from "./plan.ts";

const shipped = readFileSync(new URL("../../config/load_test_config.yaml", import.meta.url), "utf8");

/** A plan or a ConfigError with problems; anything else is a crash. */
async function survives(text: string, set: string[] = []): Promise<void> {
  try {
    const plan = await load(text, { flags: { set }, env: { A: "1", B: "x: [" } });
    for (const scenario of plan.scenarios) expect(planText(plan, scenario)).not.toContain("undefined");
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    expect(error.problems.length).toBeGreaterThan(0);
    expect(error.message).not.toMatch(/\n\s+at |TypeError|\[object|undefined/);
  }
}

const words = [
  "services:",
  "scenarios:",
  "grpc:",
  "rest:",
  "gateway:",
  "{",
  "}",
  "[",
  "]",
  "- ",
  ": ",
  "\n",
  "\n  ",
  "\n    ",
  "&a",
  "*a",
  "<<: *a",
  "${A}",
  "${B}",
  "{{x}}",
  "users",
  "phases",
  "duration: 5m",
  "~",
  "'",
  '"',
  "|",
  ">",
  "!!x",
  "#",
  "\t",
  "\u0000",
  "\ud800",
  "999999999999999999999",
  "-0",
  ".inf",
  ".nan",
  "__proto__",
  "constructor",
  "toString",
];

describe("Odd input never crashes", () => {
  it("as random text", async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: "binary", maxLength: 200 }), (text) => survives(text)),
      { numRuns: 500 },
    );
  });

  it("as a random row of YAML's words", async () => {
    const rows = fc.array(fc.constantFrom(...words), { maxLength: 40 }).map((parts) => parts.join(""));
    await fc.assert(
      fc.asyncProperty(rows, (text) => survives(text)),
      { numRuns: 1000 },
    );
  });

  it("as the shipped file with a random piece replaced", async () => {
    const piece = fc.record({
      at: fc.nat(shipped.length),
      cut: fc.nat(40),
      put: fc.oneof(fc.constantFrom(...words), fc.string({ maxLength: 10 })),
    });
    await fc.assert(
      fc.asyncProperty(piece, ({ at, cut, put }) => survives(shipped.slice(0, at) + put + shipped.slice(at + cut))),
      { numRuns: 400 },
    );
  });

  it("as any value at any key of a scenario", async () => {
    const keys = [
      "users",
      "rate",
      "duration",
      "phases",
      "roles",
      "shape",
      "spawn_rate",
      "arrivals",
      "think_time",
      "criteria",
      "extra_criteria",
      "services",
      "warm_up",
      "timeout",
      "test_type",
      "description",
    ];
    const scenario = fc.dictionary(
      fc.constantFrom(...keys),
      fc.oneof(fc.jsonValue({ maxDepth: 3 }), fc.constantFrom("1m", 5, [{ users: 1, duration: 1 }])),
      { maxKeys: 6 },
    );
    const file = (value: unknown) =>
      `services: { rest: { api: { host: h, endpoints: [ { path: / } ] } } }\nscenarios: ${JSON.stringify({ s: value })}`;
    await fc.assert(
      fc.asyncProperty(scenario, (value) => survives(file(value))),
      { numRuns: 500 },
    );
  });

  it("as any --set", async () => {
    const path = fc.array(
      fc.constantFrom(
        "services",
        "scenarios",
        "smoke",
        "gateway",
        "rest_endpoints",
        "0",
        "path",
        "users",
        "defaults",
        "",
        "__proto__",
        "constructor",
      ),
      { maxLength: 6 },
    );
    const set = fc.tuple(path, fc.string({ maxLength: 8 })).map(([keys, value]) => `${keys.join(".")}=${value}`);
    await fc.assert(
      fc.asyncProperty(set, (each) => survives(shipped, [each])),
      { numRuns: 300 },
    );
  });
});
