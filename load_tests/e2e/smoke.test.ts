import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { type Ended, emptyFolder, jsonReport, runFolder, tenfold } from "./tenfold.ts";

describe("the first minutes: smoke against the embedded stand-ins", () => {
  const cwd = emptyFolder();
  let ended: Ended;
  beforeAll(async () => {
    ended = await tenfold(["--scenario", "smoke", "-d", "6"], cwd);
  });

  test("passes, says so first, and names what was embedded", () => {
    expect(ended.stderr).not.toMatch(/broke|Error/);
    expect(ended).toMatchObject({ code: 0 });
    expect(ended.stdout).toMatch(/^smoke: PASS \(embedded: llm, stt, tts, gateway\)/);
    expect(ended.stderr).toMatch(/config that comes with Tenfold|comes with Tenfold/);
  });

  test("calls all three protocols without a failure", () => {
    const { endpoints } = jsonReport(runFolder(cwd, "smoke"));
    const called = endpoints.filter((endpoint) => endpoint.requests > 0);
    expect(new Set(called.map((endpoint) => endpoint.protocol))).toEqual(new Set(["grpc", "rest", "websocket"]));
    expect(called.filter((endpoint) => endpoint.failures > 0)).toEqual([]);
    for (const name of [
      "stt.Recognize",
      "tts.Synthesize",
      "llm.GenerateStream",
      "POST /chat",
      "gateway message",
      "gateway connect",
    ])
      expect(called.map((endpoint) => endpoint.name)).toContain(name);
  });

  test("the streams of the language model have a first token's time", () => {
    const { endpoints } = jsonReport(runFolder(cwd, "smoke"));
    const stream = endpoints.find((endpoint) => endpoint.name === "llm.GenerateStream")!;
    expect(stream.metrics.ttft).toMatchObject({ unit: "ms" });
    expect(stream.metrics.ttft!.count).toBeGreaterThan(0);
    expect(stream.metrics.ttft!.p50).toBeLessThan(stream.latency_ms.p99! + 1);
  });

  test("leaves the folder that is promised", () => {
    const folder = runFolder(cwd, "smoke");
    const stamp = folder.split(/[\\/]/).at(-1)!;
    const files = ["html", "json"].map((ending) => `load_report_${stamp}.${ending}`);
    const tables = ["stats", "stats_history", "failures"].map((name) => `load_report_${stamp}_${name}.csv`);
    const charts = ["response_time_by_endpoint", "p95_response_time", "error_rate_by_endpoint", "request_distribution"];
    const overTime = ["latency_over_time", "throughput_over_time", "errors_over_time"];
    const analysis = ["metrics.csv", "summary.txt", ...[...charts, ...overTime].map((name) => `${name}.png`)];
    for (const file of [
      ...files,
      ...tables,
      "timeline.jsonl",
      "summary.md",
      "junit.xml",
      ...analysis.map((name) => `analysis/${name}`),
    ])
      expect(existsSync(join(folder, file)), file).toBe(true);
    expect(readdirSync(cwd)).toEqual(["reports"]);
  });

  test("totals are the sum of endpoints, of seconds and of phases", () => {
    const { total, endpoints, timeline, phases } = jsonReport(runFolder(cwd, "smoke"));
    const sum = (rows: readonly Record<"requests" | "failures", number>[], key: "requests" | "failures") =>
      rows.reduce((all, row) => all + row[key], 0);
    for (const key of ["requests", "failures"] as const) {
      expect(sum(endpoints, key)).toBe(total[key]);
      expect(sum(timeline, key)).toBe(total[key]);
      expect(
        sum(
          phases.flatMap((phase) => phase.endpoints),
          key,
        ),
      ).toBe(total[key]);
    }
    expect(total.requests).toBeGreaterThan(100);
  });

  test("the timeline begins with the run, has a line a second and an end", () => {
    const lines = readFileSync(join(runFolder(cwd, "smoke"), "timeline.jsonl"), "utf8")
      .trim()
      .split("\n");
    const kinds = lines.map((line) => JSON.parse(line).kind);
    expect(kinds[0]).toBe("header");
    expect(kinds.at(-1)).toBe("end");
    expect(kinds.filter((kind) => kind === "second").length).toBeGreaterThanOrEqual(6);
  });
});

test("a config in the working directory is used, and several scenarios are summed up and exit with the worst", async () => {
  const cwd = emptyFolder();
  const config = join(cwd, "two.yaml");
  const { writeFileSync } = await import("node:fs");
  writeFileSync(
    config,
    `
services: { rest: { api: { host: embedded, endpoints: [ { path: / } ] } } }
scenarios:
  good: { users: 5, think_time: 100ms, duration: 2s, criteria: [ "error_rate < 1%" ] }
  bad: { users: 5, think_time: 100ms, duration: 2s, criteria: [ "requests > 100000" ] }
`,
  );
  const { code, stdout } = await tenfold(["--config", config, "--scenario", "good,bad"], cwd);
  expect(code).toBe(99);
  expect(stdout).toMatch(/good: PASS/);
  expect(stdout).toMatch(/bad: FAIL/);
  expect(stdout).toMatch(/Scenario\s+Verdict/);
});
