/** A generator that stands still is no fault of the service. */
import { expect, test } from "vitest";
import { ok, serve } from "./service.ts";
import { emptyFolder, jsonReport, runFolder, start, writeConfig } from "./tenfold.ts";

const configFor = (url: string) => `
services: { rest: { api: { host: "${url}", endpoints: [ { path: / } ] } } }
scenarios: { s: { rate: 100, duration: 5s, criteria: [ p95 < 300ms, error_rate < 1% ] } }
`;

test("a generator that is stopped for two seconds is unknown, not a failed service", async () => {
  let calls = 0;
  let pid = 0;
  const service = await serve((request, response) => {
    ok(request, response);
    if (++calls !== 100) return;
    process.kill(pid, "SIGSTOP");
    setTimeout(() => process.kill(pid, "SIGCONT"), 2000);
  });
  const cwd = emptyFolder();
  const run = start(["--config", writeConfig(cwd, configFor(service.url)), "--workers", "2"], cwd);
  pid = run.child.pid!;
  const { code, stdout } = await run.ended;
  await service.close();
  expect(code).toBe(97);
  expect(stdout).toMatch(/s: UNKNOWN/);
  const { total, generator, notices, criteria } = jsonReport(runFolder(cwd, "s"));
  expect(generator.healthy).toBe(false);
  expect(generator.lateness_ms.max).toBeGreaterThan(1500);
  expect(notices.map(({ kind }) => kind)).toContain("generator-saturated");
  expect(criteria.map(({ status }) => status)).toEqual(["unknown", "pass"]);
  expect(total.requests + total.unsent).toBe(500);
  expect(total.requests).toBe(calls);
});
