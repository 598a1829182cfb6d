import { describe, expect, it } from "vitest";
import { API, load } from "./fixtures_plan.ts";
import { listText, planText } from "./plan.ts";

const textOf = async (text: string, flags = {}) => {
  const plan = await load(text, { flags });
  return planText(plan, plan.scenarios[0]!);
};

describe("The plan in text", () => {
  it("draws the phases, counts users and expected calls, and shows every default", async () => {
    expect(
      await textOf(`${API}\nscenarios: { spike: { description: A crowd, users: 500, spawn_rate: 50, duration: 5m } }`),
    ).toBe(
      `spike - A crowd
config load.yaml

load
  closed loop: up to 500 users, think time 1 s to 3 s
      500 |             ▆██████████████████████
          |             ███████████████████████
          |            ▆███████████████████████
        0 |▆▆▆▆▆▆▆▆▆▆▆▆████████████████████████▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆
           level       s spike                 recovery
  level     0 ms to 1m   0 to 100 users    about 1,967 calls
  surge     1m to 1m 8s  100 to 500 users  about 800 calls
  spike     1m 8s to 3m  500 users         about 18,667 calls
  recovery  3m to 5m     100 users         about 4,000 calls
  5m in all, then up to 30 s for what is in flight; max_in_flight 10000, seed 1
  recovery: before level, stress surge and spike, after recovery

services
  api (rest)  localhost  weight 1, 100 % of the calls
    GET /  weight 1  100 %
    timeout 30 s, connect_timeout 10 s, wait_for_ready 30 s, headers {}, auth none

criteria
  p95 < 2s           (default)
  error_rate < 1%    (default)
  recovery < 30s     (default)

reports
  html, json, csv, png, junit, markdown in reports, charts on, percentiles 50, 75, 90, 95, 99
  throughput window 10 s, comparison_baseline baseline, keep all

remarks
  no scenario was named: running spike, the only one of the file`,
    );
  });

  it("shows arrivals and what is not judged", async () => {
    const text = await textOf(
      `${API}\nscenarios: { s: { rate: 200, duration: 5m, arrivals: poisson, warm_up: 30s, criteria: [] } }`,
    );
    expect(text).toContain("open loop: arrivals per second, spread poisson");
    expect(text).toMatch(/warm_up {2}0 ms to 30 s {3,}200 arrivals\/s {2}about 6,000 calls {3,}not judged/);
    expect(text).toContain("none: the verdict will be unknown");
  });

  it("says what is left out and why, and which criteria have too few calls", async () => {
    const text = await textOf(
      `${API}\ncriteria: [ p99 < 1s, recovery < 30s ]\nscenarios: { s: { users: 1, duration: 1m } }`,
    );
    expect(text).toContain("left out\n  recovery < 30s is not judged: no phase");
    expect(text).toContain("too few calls: p99 < 1s: about 20 calls are expected and 299 are needed");
  });

  it("shows a stand-in as one, with its settings", async () => {
    const text = await textOf(
      "services: { grpc: { stt: { host: embedded, embedded: { latency: 50ms } } } }\nscenarios: { s: { users: 1, duration: 1m } }",
    );
    expect(text).toContain("stt (grpc)  embedded: a stand-in on this machine");
    expect(text).toContain("stand-in: latency 50.0 ms, jitter 5.00 ms");
  });

  it("makes control characters of names inert", async () => {
    const text = await textOf(`${API}\nscenarios: { s: { users: 1, duration: 1m, description: "\\e[31mred" } }`);
    expect(text).not.toContain("\u001b");
  });
});

describe("The list of scenarios", () => {
  it("names each with its description, those that would run with a star", async () => {
    const text = `${API}\nscenarios: { one: { users: 1, duration: 1m, description: The first }, second: { users: 1, duration: 1m } }`;
    expect(listText(await load(text, { flags: { scenario: ["second"] } }))).toBe("  one     The first\n* second");
  });
});

it("shows hooks, and which phases are compared", async () => {
  const shown = await textOf(`${API}
scenarios:
  s:
    phases:
      - { name: a, users: 1, duration: 1m }
      - name: b
        users: 1
        duration: 1m
        on_enter: { command: "./break now" }
        on_exit: { http: { method: DELETE, url: "http://me:hush-hush@localhost/faults", headers: { authorization: abcdef } } }
    compare_phases: { before: a, after: b, gate: true }`);
  expect(shown).toContain("b, on_enter: ./break now");
  expect(shown).toContain("b, on_exit: DELETE http://***@localhost/faults");
  expect(shown).toContain("compared: a, then b, a regression is exit 98");
});
