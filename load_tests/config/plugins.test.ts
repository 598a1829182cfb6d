import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { pluginFiles } from "../plugins.ts";
import { criteria, protocols } from "../registry.ts";
import { ConfigError, type Flags, loadPlan, type Plan } from "./load.ts";
import { planText } from "./plan.ts";

/** Loads a config beside a file `own.ts` of this text. */
function load(own: string, text: string, flags: Flags = {}): Promise<Plan> {
  const folder = mkdtempSync(join(tmpdir(), "tenfold-plugins-"));
  writeFileSync(join(folder, "own.ts"), own);
  return loadPlan({
    ...{ file: join(folder, "load.yaml"), text, env: {}, protocols, criteria, flags, pluginFiles },
    readable: (path) => !path.includes("missing"),
  });
}

async function wrong(own: string, text = CONFIG, flags?: Flags): Promise<string[]> {
  const outcome = await load(own, text, flags).catch((error: unknown) => error);
  if (!(outcome instanceof ConfigError)) throw outcome;
  return outcome.problems.map(({ line, column, message }) => `${line}:${column} ${message}`);
}

const CONFIG = `services: { rest: { api: { host: "localhost:1", endpoints: [ { path: / } ] } } }
plugins: [ ./own.ts ]
scenarios: { s: { users: 1, duration: 1s, criteria: [ error_rate < 1% ] } }
`;
const API = 'import { defineCriterion, defineReporter, defineSink, z } from "tenfold";\n';

describe("Plug-ins of a config", () => {
  it("bring criteria, formats and sinks that the config speaks of", async () => {
    const own = `${API}export default [
  defineCriterion({ kind: "apdex", example: "apdex >= 0.9", parse: (s) => /^apdex >= ([.\\d]+)$/.exec(s)?.[1] ?? null, judge: () => [] }),
  defineReporter({ format: "mine", render: () => [] }),
  defineSink({ sample: 0.1, call() {} }),
];`;
    const text = CONFIG.replace("error_rate < 1%", '"apdex >= 0.8"');
    const plan = await load(own, `${text}reports: { format: [ mine, json ] }\n`);
    expect(plan.scenarios[0]!.criteria.map(({ kind, rule }) => [kind, rule])).toEqual([["apdex", "0.8"]]);
    expect(plan.reports.formats).toEqual(["mine", "json"]);
    expect(plan.plugins.sinks).toMatchObject([{ sample: 0.1, bodies: false }]);
    expect(planText(plan, plan.scenarios[0]!)).toContain("own.ts: a sink of 10 % of the calls");
    expect((await load(own, text)).reports.formats).toEqual([
      ...["html", "json", "csv", "png", "junit", "markdown", "mine"],
    ]);
    expect(await wrong(own, text, { format: ["min"] })).toEqual([expect.stringContaining("did you mean `mine`")]);
  });

  it.each([
    ["nothing that is one", "export default 3;", "expected its default export to be one of defineSink({ call })"],
    ["an empty list", "export default [];", "found an empty list"],
    ["two sinks", "export default [{ call() {} }, { call() {} }];", "expected one sink a file, found 2"],
    ["a share that is none", "export default { sample: 2, call() {} };", "a share over 0, at most 1, found 2"],
    [
      "a slip of its form",
      "const a = 1;\nexport default defineSink(;",
      "own.ts cannot be run: Unexpected token",
      "(line 2)",
    ],
    ["a format that is taken", 'export default { format: "json", render() {} };', "a report format `json` already"],
    ["an import that is not there", 'import "./gone.ts";\nexport default 1;', "gone.ts"],
  ])("are told at their place where the file has %s", async (_what, own, ...words) => {
    const [said, ...rest] = await wrong(own);
    expect(rest).toEqual([]);
    for (const word of ["2:12 plugins[0]: ", ...words]) expect(said).toContain(word);
  });

  it("are told where a criterion's rule could not go to another thread", async () => {
    const own =
      'export default { kind: "k", example: "k", parse: (s) => (s === "k" ? () => 1 : null), judge: () => [] };';
    expect(await wrong(own, CONFIG.replace("error_rate < 1%", "k"))).toEqual([
      expect.stringContaining("the criterion `k` gave a rule that is no plain data"),
    ]);
  });

  it("are told at their place where there is no such file, or no list", async () => {
    expect(await wrong("", CONFIG.replace("own", "missing"))).toEqual([
      expect.stringMatching(/^2:12 plugins\[0\]: expected a file that can be read, found none at .*missing\.ts/),
    ]);
    expect(await wrong("", CONFIG.replace("[ ./own.ts ]", "./own.ts"))).toEqual([
      expect.stringContaining("plugins: expected a list"),
    ]);
  });
});
