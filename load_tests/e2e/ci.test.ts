/** The workflow that runs load tests in CI, and its steps run as a job runs them. */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { emptyFolder, writeConfig } from "./tenfold.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const workflow = parse(readFileSync(join(root, ".github", "workflows", "load_tests.yml"), "utf8"));
const steps: { uses?: string; run?: string; "continue-on-error"?: boolean }[] = workflow.jobs.load.steps;

function step(script: string, cwd: string, env: Record<string, string>, ...args: string[]) {
  const { PATH = "", HOME = "" } = process.env;
  const ended = spawnSync(process.execPath, [join(root, "scripts", script), ...args], {
    cwd,
    env: { PATH, HOME, ...env },
    encoding: "utf8",
  });
  return { code: ended.status, text: ended.stdout + ended.stderr };
}

describe("the workflow", () => {
  test("offers the scenarios that ship, and has the rights to read alone", () => {
    const shipped = parse(readFileSync(join(root, "config", "load_test_config.yaml"), "utf8"));
    const { scenario, test_type } = workflow.on.workflow_dispatch.inputs;
    expect([...scenario.options].sort()).toEqual(Object.keys(shipped.scenarios).sort());
    expect([...test_type.options].sort()).toEqual(["all", "grpc", "rest", "websocket"]);
    expect(workflow.permissions).toEqual({ contents: "read" });
  });

  test("uses actions by their full hash, runs scripts that are there, and lets no step fail unseen", () => {
    for (const { uses } of steps) if (uses !== undefined) expect(uses).toMatch(/@[0-9a-f]{40}$/);
    const scripts = steps.flatMap(({ run }) => /^node (\S+)$/.exec(run ?? "")?.[1] ?? []);
    expect(scripts).toHaveLength(2);
    for (const script of scripts) expect(existsSync(join(root, script)), script).toBe(true);
    expect(steps.filter((each) => each["continue-on-error"] !== undefined)).toEqual([]);
  });
});

describe("its steps", () => {
  const cwd = emptyFolder();
  const summary = join(cwd, "summary");
  const config = `
services: { rest: { api: { host: embedded, endpoints: [ { path: / } ] } } }
scenarios: { s: { users: 5, think_time: 50ms, duration: 2s, criteria: [ "error_rate < 1%", "requests > 100000" ] } }
`;

  test("a failed criterion fails the job, is annotated, and the summary says what was embedded", () => {
    const ran = step("ci_load.js", cwd, { SCENARIO: "s" }, "--config", writeConfig(cwd, config));
    expect(ran.code).toBe(99);
    const told = step("ci_summary.js", cwd, { GITHUB_STEP_SUMMARY: summary });
    expect(told.code).toBe(0);
    expect(told.text).toMatch(/^::error title=s%3A fail|^::error title=s/m);
    expect(told.text.match(/^::/gm)).toHaveLength(1);
    expect(readFileSync(summary, "utf8")).toMatch(/embedded: ?api|embedded\\?: api/);
  });

  test("a host leaves the stand-ins out, and one that does not answer is unknown", () => {
    const env = { SCENARIO: "smoke", STT_HOST: "127.0.0.1:9" };
    const { code, text } = step("ci_load.js", cwd, env, "--set", "services.grpc.stt.wait_for_ready=1s");
    expect(text).toMatch(/127\.0\.0\.1:9/);
    expect(code).toBe(97);
  });

  test("the summary of no run says so", () => {
    const { code, text } = step("ci_summary.js", emptyFolder(), {});
    expect([code, text]).toEqual([0, expect.stringMatching(/No load test left a report/)]);
  });
});
