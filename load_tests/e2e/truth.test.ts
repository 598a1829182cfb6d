/** Numbers held against what the service itself saw. */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, test } from "vitest";
import { ok, type Service, serve } from "./service.ts";
import { emptyFolder, jsonReport, runFolder, tenfold, writeConfig } from "./tenfold.ts";

async function runAgainst(service: Service, endpoints: string, scenario: string) {
  const cwd = emptyFolder();
  const config = writeConfig(
    cwd,
    `
services: { rest: { api: { host: "${service.url}", endpoints: [ ${endpoints} ] } } }
scenarios: { s: { ${scenario} } }
`,
  );
  const ended = await tenfold(["--config", config], cwd);
  await service.close();
  return { ...ended, report: jsonReport(runFolder(cwd, "s")) };
}

const nearestRank = (values: readonly number[], p: number): number =>
  values.toSorted((a, b) => a - b)[Math.ceil(p * values.length) - 1]!;

/** Standard normal quantile, by the sum of twelve evenly spread uniforms of call n: a known, repeatable distribution. */
const lognormal = (n: number): number => {
  const u = (k: number) => (n * [0.7548776662, 0.5698402909, 0.6180339887, 0.3819660112][k % 4]! * (1 + k)) % 1;
  const z = Array.from({ length: 12 }, (_, k) => u(k)).reduce((a, b) => a + b, -6);
  return 300 * Math.exp(0.5 * z);
};

describe("the report's numbers are the service's", () => {
  test("percentiles of a known distribution of latency, and every call counted", async () => {
    let n = 0;
    const service = await serve((request, response) => {
      setTimeout(() => ok(request, response), lognormal(n++));
    });
    const endpoints = "{ path: /a, weight: 3 }, { path: /b, method: POST, json: { x: 1 } }";
    const { report } = await runAgainst(service, endpoints, "rate: 100, duration: 10s, criteria: [ p95 < 5s ]");
    expect(report.total.requests).toBe(1000);
    expect(report.total.failures).toBe(0);
    for (const { name, requests } of report.endpoints) expect(service.counts.get(name)).toBe(requests);
    for (const [key, p] of [
      ["p50", 0.5],
      ["p90", 0.9],
      ["p95", 0.95],
      ["p99", 0.99],
    ] as const) {
      const truth = nearestRank(service.times, p);
      expect(Math.abs(report.total.service_ms[key]! / truth - 1), `${key} of ${truth}`).toBeLessThan(0.04);
    }
  });

  test("a service that freezes for a second: percentiles are those of the due times, by rate", async () => {
    let frozenUntil = 0;
    const began = { at: 0 };
    const service = await serve((request, response) => {
      const now = performance.now();
      if (began.at === 0) began.at = now;
      if (frozenUntil === 0 && now - began.at > 2000) frozenUntil = now + 1000;
      const wait = Math.max(5, frozenUntil - now);
      setTimeout(() => ok(request, response), wait);
    });
    const { report } = await runAgainst(service, "{ path: / }", "rate: 100, duration: 8s, criteria: [ p95 < 5s ]");
    const truth = Array.from({ length: 800 }, (_, k) => (k >= 200 && k < 300 ? 3000 - k * 10 : 5));
    expect(report.total.requests).toBe(800);
    for (const [key, p] of [
      ["p90", 0.9],
      ["p95", 0.95],
      ["p99", 0.99],
    ] as const)
      expect(Math.abs(report.total.latency_ms[key]! - nearestRank(truth, p)) / 1000, key).toBeLessThan(0.06);
    expect(report.total.latency_ms.p50).toBeLessThan(100);
  });

  test("the same freeze is felt by users in a closed loop", async () => {
    let first = 0;
    const service = await serve((request, response) => {
      const now = performance.now();
      if (first === 0) first = now;
      const into = now - first;
      setTimeout(() => ok(request, response), into > 2000 && into < 3000 ? 3000 - into : 5);
    });
    const scenario = "users: 60, think_time: 500ms, duration: 6s, criteria: [ p95 < 5s ]";
    const { report } = await runAgainst(service, "{ path: / }", scenario);
    expect(report.total.latency_ms.max).toBeGreaterThan(800);
    expect(report.total.latency_ms.p95).toBeGreaterThan(300);
    expect(report.total.latency_ms.p50).toBeLessThan(200);
    expect(service.counts.get("GET /")).toBe(report.total.requests);
  });

  test("statuses, and bodies that say failure, are counted under their own names", async () => {
    let n = 0;
    const service = await serve((request, response) => {
      const status = [200, 503, 404, 429][n++ % 4]!;
      if (status === 200) ok(request, response);
      else response.writeHead(status, { "content-type": "text/plain" }).end("no <b>luck</b>");
    });
    const scenario = "rate: 40, duration: 4s, criteria: [ error_rate < 1% ]";
    const { report, code } = await runAgainst(service, "{ path: / }", scenario);
    expect(code).toBe(99);
    const types = report.endpoints[0]!.failures_by_type.map(({ outcome, status, count }) => [outcome, status, count]);
    expect(types).toEqual(
      expect.arrayContaining([
        ["server-error", "503", 40],
        ["client-error", "404", 40],
        ["limited", "429", 40],
      ]),
    );
    expect(report.total.failures).toBe(120);
  });

  test("a service that dies and comes back: every answer it gave is ok, the rest failed, and a second later all is well", async () => {
    let answered = 0;
    let began = 0;
    const listening = (port: number): Promise<Server> =>
      new Promise((resolve) => {
        const server = createServer((request, response) => {
          if (began++ === 0) setTimeout(() => void pause(), 2000);
          response.on("finish", () => answered++);
          ok(request, response);
        });
        server.listen(port, "127.0.0.1", () => resolve(server));
      });
    let server = await listening(0);
    const { port } = server.address() as AddressInfo;
    const close = () =>
      new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      });
    const pause = async () => {
      await close();
      setTimeout(async () => (server = await listening(port)), 1500);
    };
    const service = {
      url: `http://127.0.0.1:${port}`,
      counts: new Map(),
      times: [],
      close: async () => void (await close()),
    };
    const { report } = await runAgainst(
      service,
      "{ path: / }",
      "rate: 50, duration: 8s, criteria: [ error_rate < 1% ]",
    );
    expect(report.total.requests).toBe(400);
    expect(report.total.requests - report.total.failures).toBe(answered);
    expect(report.total.failures).toBeGreaterThan(40);
    const outcomes = new Set(report.endpoints[0]!.failures_by_type.map(({ outcome }) => outcome));
    expect([...outcomes].every((outcome) => outcome === "refused" || outcome === "reset")).toBe(true);
    const failing = report.timeline.filter(({ failures }) => failures > 0).map(({ t_s }) => t_s);
    expect(failing.at(-1)! - failing[0]!).toBeLessThanOrEqual(3);
    expect(report.timeline.filter(({ t_s }) => t_s >= 7).every(({ failures }) => failures === 0)).toBe(true);
  });

  test("arrivals beyond max_in_flight are unsent by the limit, and the run fails", async () => {
    const service = await serve(() => {});
    const scenario = "rate: 50, duration: 4s, max_in_flight: 20, grace: 1s, timeout: 30s";
    const { report, code } = await runAgainst(service, "{ path: / }", scenario);
    expect(code).toBe(99);
    expect(report.total).toMatchObject({
      requests: 20,
      aborted: 20,
      unsent: 180,
      unsent_by: { late: 0, limit: 180, machine: 0 },
    });
  });
});
