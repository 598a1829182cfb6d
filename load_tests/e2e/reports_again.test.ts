/** What a run left is enough: reports again, before and after, on another machine and after `kill -9`. */
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { emptyFolder, jsonReport, runFolder, start, tenfold, writeConfig } from "./tenfold.ts";

const CONFIG = `
services: { rest: { api: { host: embedded, endpoints: [ { path: / } ] } } }
scenarios: { s: { users: 5, think_time: 50ms, duration: 60s, criteria: [ error_rate < 1% ] } }
reports: { format: [html, json, csv] }
`;
const short = CONFIG.replace("60s", "2s");

describe("a run that is over", () => {
  const cwd = emptyFolder();
  let folder = "";
  beforeAll(async () => {
    expect((await tenfold(["--config", writeConfig(cwd, short)], cwd)).code).toBe(0);
    folder = runFolder(cwd, "s");
  });

  test("is named by `latest`", () => {
    expect(readFileSync(join(cwd, "reports", "s", "latest"), "utf8")).toBe(`${basename(folder)}\n`);
  });

  test("gives the same reports again from its result file alone, on another machine", async () => {
    const elsewhere = emptyFolder();
    const file = readdirSync(folder).find((name) => /^load_report_.*\.json$/.test(name))!;
    cpSync(join(folder, file), join(elsewhere, "moved.json"));
    const { code, stdout } = await tenfold(["report", "moved.json", "--output-dir", "again"], elsewhere);
    expect([code, stdout]).toEqual([0, expect.stringMatching(/^s: PASS/)]);
    for (const name of readdirSync(folder).filter((each) => /\.(html|json|csv)$/.test(each)))
      expect(readFileSync(join(elsewhere, "again", name), "utf8"), name).toBe(readFileSync(join(folder, name), "utf8"));
  });

  test("is compared with another, in all formats, and nothing is called regressed", async () => {
    const { code, stdout } = await tenfold(
      ["run", "--config", writeConfig(cwd, short), "--baseline", "latest", "--output-dir", "reports"],
      cwd,
    );
    expect(code).toBe(0);
    expect(stdout).toMatch(/INCONCLUSIVE/);
    const [, second] = readdirSync(join(cwd, "reports", "s")).sort();
    const files = readdirSync(join(cwd, "reports", "s", second!));
    for (const ending of ["html", "json", "txt", "md"]) expect(files).toContain(`comparison.${ending}`);
    const report = jsonReport(join(cwd, "reports", "s", second!));
    expect(report.comparison).toMatchObject({ comparable: true, verdict: "inconclusive" });
    const compared = await tenfold(["compare", folder, "--with", "reports/s", "--output-dir", "c"], cwd);
    expect(compared.code).toBe(0);
    expect(JSON.parse(readFileSync(join(cwd, "c", "comparison.json"), "utf8"))).toEqual(report.comparison);
  });

  test("goes to standard output alone by --json -", async () => {
    const { code, stdout } = await tenfold(["report", folder, "--json", "-", "--output-dir", "x"], cwd);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ scenario: "s", verdict: "pass" });
  });

  test.each([
    ["nowhere.json", /is not there/],
    ["tenfold.yaml", /is no result of Tenfold/],
    [".", /is no run of Tenfold/],
  ])("a result at %s is a sentence and exit 104", async (path, sentence) => {
    for (const command of [
      ["report", path],
      ["compare", path, "--with", path],
      ["--config", "tenfold.yaml", "--baseline", path],
    ]) {
      const { code, stderr, stdout } = await tenfold(command, cwd);
      expect([command[0], code]).toEqual([command[0], 104]);
      expect(stderr).toMatch(sentence);
      expect(stderr + stdout).not.toMatch(/ at .*\.js:/);
    }
  });
});

test("a first run has nothing to compare with by --baseline latest, and says so", async () => {
  const cwd = emptyFolder();
  const { code } = await tenfold(["--config", writeConfig(cwd, short), "--baseline", "latest"], cwd);
  expect(code).toBe(0);
  const { notices, comparison } = jsonReport(runFolder(cwd, "s"));
  expect(comparison).toBeNull();
  expect(notices.filter(({ kind }) => kind === "not-judged")[0]!.text).toMatch(/no completed result/);
});

test("a run killed by kill -9 gives every report up to its last whole second, is unknown and exits 97", async () => {
  const cwd = emptyFolder();
  const run = start(["--config", writeConfig(cwd, CONFIG)], cwd);
  await run.seen(/00:0[5-9]|00:1/);
  run.child.kill("SIGKILL");
  await run.ended;
  const folder = runFolder(cwd, "s");
  const { code, stdout } = await tenfold(["report", "reports/s"], cwd);
  expect(code).toBe(97);
  expect(stdout).toMatch(/^s: UNKNOWN/);
  expect(stdout).toContain(`Reports: ${join("reports", "s", basename(folder))}`);
  const report = jsonReport(folder);
  expect(report).toMatchObject({ ended: "failed", verdict: "unknown", exit_code: 97 });
  expect(report.timeline.length).toBeGreaterThanOrEqual(4);
  expect(existsSync(join(folder, `load_report_${basename(folder)}.html`))).toBe(true);
});

test("reports that cannot be written are one sentence, the verdict on the console, and exit 1", async () => {
  const cwd = mkdtempSync(join(tmpdir(), "tenfold-e2e-"));
  await tenfold(["--config", writeConfig(cwd, short)], cwd);
  writeFileSync(join(cwd, "file"), "");
  const { code, stdout, stderr } = await tenfold(["report", "reports/s", "--output-dir", "file/x"], cwd);
  expect(code).toBe(1);
  expect(stdout).toMatch(/s: PASS/);
  expect(stderr.match(/cannot be written/g)).toHaveLength(1);
});
