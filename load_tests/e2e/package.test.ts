/**
 * The package as npm packs it, in an empty folder. Its dependencies are links to this repository's, only those that the
 * package itself declares, so that nothing is downloaded; what it imports beyond them is not found.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, expect, test } from "vitest";
import { emptyFolder, jsonReport, runFolder } from "./tenfold.ts";

const repository = fileURLToPath(new URL("../..", import.meta.url));
const cwd = emptyFolder();
const { PATH = "", HOME = "" } = process.env;
const env = { PATH, HOME };
/** A command that hangs is stopped. */
const bounded = { cwd, env, encoding: "utf8", timeout: 40_000 } as const;

const unpacked = join(cwd, "node_modules/tenfold");

beforeAll(() => {
  const pack = ["pack", "--ignore-scripts", "--json", "--pack-destination", cwd];
  const [{ filename }] = JSON.parse(execFileSync("npm", pack, { cwd: repository, encoding: "utf8" }));
  mkdirSync(unpacked, { recursive: true });
  execFileSync("tar", ["xzf", join(cwd, filename), "--strip-components=1", "-C", unpacked]);
  const { dependencies, bin } = JSON.parse(readFileSync(join(unpacked, "package.json"), "utf8"));
  for (const name of Object.keys(dependencies)) {
    const link = join(cwd, "node_modules", name);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(join(repository, "node_modules", name), link);
  }
  mkdirSync(join(cwd, "node_modules/.bin"));
  chmodSync(join(unpacked, bin.tenfold), 0o755);
  symlinkSync(join("..", "tenfold", bin.tenfold), join(cwd, "node_modules/.bin/tenfold"));
  writeFileSync(join(cwd, "package.json"), JSON.stringify({ name: "bare", private: true }));
});

test("npx tenfold runs smoke, with its own config, stand-ins and PNG charts", () => {
  const smoke = ["tenfold", "run", "--scenario", "smoke", "-d", "3"];
  const { status, stdout, stderr } = spawnSync("npx", ["--no", ...smoke], bounded);
  expect(stderr).not.toMatch(/broke|Error|ERR_/);
  expect(stdout).toMatch(/^smoke: PASS \(embedded/);
  expect(status).toBe(0);
  const folder = runFolder(cwd, "smoke");
  expect(jsonReport(folder).environment.tenfold).toMatch(/^\d+\.\d+\.\d+/);
  const charts = readdirSync(join(folder, "analysis")).filter((name) => name.endsWith(".png"));
  expect(charts).toContain("latency_over_time.png");
  for (const name of charts) {
    const file = readFileSync(join(folder, "analysis", name));
    expect(file.subarray(1, 4).toString()).toBe("PNG");
    expect(file.length).toBeGreaterThan(5_000);
  }
});

test("a program imports run and compare, and gets the result of a run in its own process, of which a sink heard", () => {
  writeFileSync(
    join(cwd, "sink.ts"),
    `import { appendFileSync } from "node:fs";
     import { defineSink } from "tenfold";
     export default defineSink({ call: ({ name }) => appendFileSync("heard.txt", name + "\\n") });`,
  );
  writeFileSync(
    join(cwd, "main.mjs"),
    `import { compare, run } from "tenfold";
     const text = \`
       services: { rest: { api: { host: embedded, endpoints: [ { path: / } ] } } }
       plugins: [ ./sink.ts ]
       scenarios: { s: { users: 5, think_time: 50ms, duration: 1s, criteria: [ error_rate < 1% ] } }\`;
     const { exitCode, report } = await run({ text, scenario: "s", signal: AbortSignal.timeout(30_000) });
     const { comparison } = await compare("reports/s", report);
     const ok = report.result.seconds.reduce((sum, second) => sum + second.ok, 0);
     console.log(JSON.stringify({ exitCode, verdict: report.verdict, ok, comparable: comparison.comparable }));`,
  );
  const { stdout, stderr } = spawnSync(process.execPath, ["main.mjs"], bounded);
  expect(stderr).toBe("");
  const told = JSON.parse(stdout);
  expect(told).toMatchObject({ exitCode: 0, verdict: "pass", comparable: true });
  expect(told.ok).toBeGreaterThan(5);
  expect(readFileSync(join(cwd, "heard.txt"), "utf8")).toBe("GET /\n".repeat(told.ok));
});
