/** Several worker threads: the load of one, and a thread that dies is told. */
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, test } from "vitest";
import { ok, serve } from "./service.ts";
import { emptyFolder, jsonReport, runFolder, tenfold, writeConfig } from "./tenfold.ts";

const configFor = (url: string, scenario: string) => `
services: { rest: { api: { host: "${url}", endpoints: [ { path: "/{{random.int 1 1000000}}", name: all } ] } } }
scenarios: { s: { ${scenario} } }
`;

test("1, 2 and 3 workers send the same calls, and the report counts what the service saw", async () => {
  const seenBy = async (workers: number): Promise<string[]> => {
    const service = await serve(ok);
    const cwd = emptyFolder();
    const config = writeConfig(
      cwd,
      configFor(service.url, "users: 6, think_time: 5ms, iterations: 200, duration: 60s"),
    );
    const { stderr, stdout } = await tenfold(["--config", config, "--workers", String(workers)], cwd);
    expect(stdout + stderr).toContain(workers === 1 ? "1 worker" : `${workers} workers`);
    const { total, generator } = jsonReport(runFolder(cwd, "s"));
    const paths = [...service.counts].flatMap(([path, times]) => Array.from({ length: times }, () => path));
    await service.close();
    expect(generator.workers).toBe(workers);
    expect(total.requests).toBe(paths.length);
    return paths.sort();
  };
  const one = await seenBy(1);
  expect(one).toHaveLength(200);
  expect(await seenBy(2)).toEqual(one);
  expect(await seenBy(3)).toEqual(one);
});

/** Makes the first worker thread that finds it do `deed` once the service has seen 100 calls. */
async function poison(deed: string) {
  const folder = mkdtempSync(join(tmpdir(), "tenfold-poison-"));
  const [file, due, taken] = ["poison.mjs", "due", "taken"].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  writeFileSync(
    file,
    `
import { existsSync, openSync } from "node:fs";
import { isMainThread } from "node:worker_threads";
const first = () => { try { openSync(${JSON.stringify(taken)}, "wx"); return true; } catch { return false; } };
const look = () => { if (existsSync(${JSON.stringify(due)}) && first()) { ${deed} } };
if (!isMainThread && process.argv[1]?.endsWith("worker.js")) setInterval(look, 50).unref();
`,
  );
  let calls = 0;
  const service = await serve((request, response) => {
    if (++calls === 100) writeFileSync(due, "");
    ok(request, response);
  });
  return { service, env: { NODE_OPTIONS: `--import ${pathToFileURL(file).href}` } };
}

describe("a worker that dies in the middle", () => {
  test.each([
    ["throws", 'throw new Error("out of luck")', /out of luck/],
    ["exits", "process.exit(7)", /ended with 7/],
  ])("one of two that %s is a notice and an unknown verdict, and the other goes on", async (_, deed, why) => {
    const { service, env } = await poison(deed);
    const cwd = emptyFolder();
    const config = writeConfig(cwd, configFor(service.url, "rate: 100, duration: 3s, criteria: [ error_rate < 50% ]"));
    const { code, stdout } = await tenfold(["--config", config, "--workers", "2"], cwd, env);
    await service.close();
    expect(code).toBe(97);
    expect(stdout).toMatch(/s: UNKNOWN/);
    const { total, notices, ended } = jsonReport(runFolder(cwd, "s"));
    const lost = notices.filter(({ kind }) => kind === "worker-lost");
    expect(lost).toHaveLength(1);
    expect(lost[0]!.text).toMatch(why);
    expect(ended).toBe("failed");
    const offered = total.requests + total.unsent;
    expect(offered).toBeGreaterThanOrEqual(150);
    expect(offered).toBeLessThan(299);
  });

  test("the only one ends the run with what it measured", async () => {
    const { service, env } = await poison("throw 7");
    const cwd = emptyFolder();
    const config = writeConfig(cwd, configFor(service.url, "rate: 80, duration: 60s, criteria: [ error_rate < 50% ]"));
    const { code } = await tenfold(["--config", config, "--workers", "1"], cwd, env);
    await service.close();
    expect(code).toBe(97);
    const { total, notices, duration_s } = jsonReport(runFolder(cwd, "s"));
    expect(notices.map(({ kind }) => kind)).toContain("worker-lost");
    expect(total.requests).toBeGreaterThan(0);
    expect(duration_s).toBeGreaterThanOrEqual(1);
    expect(duration_s).toBeLessThan(30);
  });
});
