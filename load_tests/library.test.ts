import { mkdtempSync, readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ConfigError, compare, run } from "./index.ts";

const text = `
services: { rest: { api: { host: embedded, endpoints: [ { path: / } ] } } }
scenarios: { s: { users: 5, think_time: 50ms, duration: 2s, criteria: [ error_rate < 1% ] } }
`;
const output = () => mkdtempSync(join(tmpdir(), "tenfold-library-"));

test("a scenario runs in-process, gives its result, and can be compared with its own files", async () => {
  const outputDir = output();
  const { exitCode, report } = await run({ text, outputDir, formats: ["json"], env: {} });
  expect(exitCode).toBe(0);
  expect(report!.verdict).toBe("pass");
  expect(report!.result.seconds.reduce((sum, { requests }) => sum + requests, 0)).toBeGreaterThan(20);
  expect(readdirSync(join(outputDir, "s"))).toContain("latest");
  const { comparison } = await compare(join(outputDir, "s"), report!);
  expect(comparison).toMatchObject({ comparable: true, differences: [] });
  expect(comparison.changes.filter(({ difference }) => difference !== null && difference !== 0)).toEqual([]);
});

test("a signal stops it gracefully", async () => {
  const stop = new AbortController();
  const ended = run({
    text,
    outputDir: output(),
    duration: 60_000,
    signal: stop.signal,
    env: {},
    log: (line) => {
      if (line.includes("run ")) setTimeout(() => stop.abort(), 1500);
    },
  });
  const { exitCode, report } = await ended;
  expect([exitCode, report!.result.ended]).toEqual([105, "stopped"]);
});

test("a wrong config rejects with all of its mistakes", async () => {
  await expect(run({ text: "scenarios: 7", env: {} })).rejects.toThrow(ConfigError);
});
