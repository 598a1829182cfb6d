/** However a run ends, what it measured is there. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createConnection } from "node:net";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, test } from "vitest";
import { readTimeline } from "../engine/timeline.ts";
import { ok, serve } from "./service.ts";
import { emptyFolder, jsonReport, runFolder, start, tenfold, writeConfig } from "./tenfold.ts";

const CONFIG = `
services: { rest: { api: { host: embedded, endpoints: [ { path: / } ] } } }
scenarios: { s: { users: 10, think_time: 50ms, duration: 60s, criteria: [ error_rate < 1% ] } }
`;

function started() {
  const cwd = emptyFolder();
  const config = writeConfig(cwd, CONFIG);
  return { cwd, run: start(["--config", config], cwd) };
}

const listens = (address: string): Promise<boolean> =>
  new Promise((resolve) => {
    const { hostname, port } = new URL(address);
    const socket = createConnection({ host: hostname, port: Number(port) });
    socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
    socket.once("connect", () => socket.destroy());
  });

async function untilClosed(address: string): Promise<void> {
  while (await listens(address)) await new Promise((resolve) => setTimeout(resolve, 50));
}

describe("a run that is stopped", () => {
  test.each(["SIGTERM", "SIGINT"] as const)("by %s drains, judges, reports and exits 105", async (signal) => {
    const { cwd, run } = started();
    await run.seen(/00:0[5-9]|00:1/);
    run.child.kill(signal);
    const { code, stdout } = await run.ended;
    expect(code).toBe(105);
    expect(stdout).toMatch(/s: PASS/);
    const report = jsonReport(runFolder(cwd, "s"));
    expect(report).toMatchObject({ ended: "stopped", exit_code: 105 });
    expect(report.duration_s).toBeLessThan(55);
    expect(report.total.requests).toBeGreaterThan(100);
    expect(report.total.failures).toBe(0);
    expect(report.criteria[0]!.status).toBe("pass");
  });

  test("by kill -9 leaves a timeline up to its last whole second, and its stand-ins die with it", async () => {
    const { cwd, run } = started();
    await run.seen(/00:0[5-9]|00:1/);
    run.child.kill("SIGKILL");
    await run.ended;
    const result = await readTimeline(join(runFolder(cwd, "s"), "timeline.jsonl"));
    expect(result.ended).toBe("failed");
    expect(result.seconds.length).toBeGreaterThanOrEqual(4);
    expect(result.seconds.slice(0, 4).every(({ requests }) => requests > 0)).toBe(true);
    await untilClosed(result.header.scenario.services[0]!.host);
  });
});

test("a second Ctrl-C stops a run at once that waits for answers, and `report` makes the rest from its timeline", async () => {
  const cwd = emptyFolder();
  const hanging = CONFIG.replace("host: embedded", "host: embedded, embedded: { hang_rate: 100% }");
  const run = start(["--config", writeConfig(cwd, hanging)], cwd);
  await run.seen(/00:0[5-9]|00:1/);
  run.child.kill("SIGINT");
  await new Promise((resolve) => setTimeout(resolve, 400));
  run.child.kill("SIGINT");
  expect(await run.ended).toMatchObject({ code: 105, stdout: "" });
  const again = await tenfold(["report", runFolder(cwd, "s"), "--format", "json"], cwd);
  expect(again.code).toBe(97);
  expect(jsonReport(runFolder(cwd, "s")).ended).toBe("failed");
});

test("two runs at once do not disturb one another", async () => {
  const runs = [1, 2].map(() => {
    const cwd = emptyFolder();
    const config = writeConfig(cwd, CONFIG.replace("60s", "4s"));
    return { cwd, run: start(["--config", config], cwd) };
  });
  for (const { cwd, run } of runs) {
    expect((await run.ended).code).toBe(0);
    expect(jsonReport(runFolder(cwd, "s")).total.failures).toBe(0);
  }
});

describe("the console", () => {
  test("says nothing but the verdict with --quiet", async () => {
    const cwd = emptyFolder();
    const config = writeConfig(cwd, CONFIG.replace("60s", "2s"));
    const { stdout, stderr } = await start(["--config", config, "--quiet"], cwd).ended;
    expect(stderr).toBe("");
    expect(stdout).toMatch(/^s: PASS/);
  });

  test("prints no escape sequences where no terminal listens", async () => {
    const cwd = emptyFolder();
    const config = writeConfig(cwd, CONFIG.replace("60s", "2s"));
    const { stdout, stderr } = await start(["--config", config], cwd).ended;
    expect(stdout + stderr).not.toContain("\u001b");
  });
});

test("a folder that cannot be written is one sentence, the verdict on the console, and exit 1", async () => {
  const cwd = emptyFolder();
  const config = writeConfig(cwd, CONFIG.replace("60s", "2s"));
  const { code, stdout, stderr } = await start(["--config", config, "--output-dir", config], cwd).ended;
  expect(code).toBe(1);
  expect(stderr.match(/reports cannot be written to/g)).toHaveLength(1);
  expect(stdout).toMatch(/s: PASS/);
  expect(existsSync(join(cwd, "reports"))).toBe(false);
  expect(readdirSync(cwd)).toEqual(["tenfold.yaml"]);
  expect(readFileSync(config, "utf8")).toContain("services");
});

test("what is left open in any thread keeps no run from its end", async () => {
  const service = await serve(ok);
  const cwd = emptyFolder();
  const left = join(cwd, "left.mjs");
  writeFileSync(left, "setInterval(() => {}, 1000);");
  const scenario = "s: { rate: 20, duration: 1s, criteria: [ error_rate < 1% ] }";
  const services = `rest: { api: { host: "${service.url}", endpoints: [ { path: / } ] } }`;
  const config = writeConfig(cwd, `services: { ${services} }\nscenarios: { ${scenario} }\n`);
  const { code } = await tenfold(["--config", config], cwd, { NODE_OPTIONS: `--import ${pathToFileURL(left).href}` });
  await service.close();
  expect(code).toBe(0);
});
