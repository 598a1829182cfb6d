import { describe, expect, test } from "vitest";
import { ENDLESS } from "../core/endless.ts";
import type { Scenario } from "../core/model.ts";
import { chartData } from "./charts.ts";
import { csv } from "./csv.ts";
import { documentOf, factsOf } from "./document.ts";
import { reportOf } from "./fixture.ts";
import { SCENARIO } from "./fixture_scenario.ts";
import { readResult } from "./read_result.ts";

const HOURS = 2;
const EVERY = 8;

/** A call every 8 s for two hours, of a phase that nobody ended. */
const calls = Array.from({ length: (HOURS * 3600) / EVERY }, (_, i) => ({
  ...{ op: 2, phase: 0, end: EVERY * 1000 * i + 500, latency: 10 + (i % 50) },
  ...{ outcome: i % 9 === 0 ? ("timeout" as const) : ("ok" as const), message: "slow" },
}));
const phases = [{ ...SCENARIO.phases[0]!, start: 0, duration: ENDLESS }];
const scenario: Scenario = { ...SCENARIO, phases, roles: null, duration: ENDLESS };
const report = reportOf(calls, {}, scenario);

describe("the reports of a run without an end", () => {
  const facts = factsOf(report);

  test("have a timeline that is thinner than its seconds, and sums to the total", () => {
    const { timeline, total } = facts;
    expect(timeline.length).toBeLessThan(HOURS * 3600);
    expect(timeline.reduce((sum, { requests }) => sum + requests, 0)).toBe(total.requests);
    expect(timeline.find(({ t_s }) => t_s === 3660)).toMatchObject({ span_s: 60, requests: 8, rps: 0.133 });
    expect(timeline.find(({ t_s }) => t_s === 3600)).not.toHaveProperty("span_s");
  });

  test("draw rates a second", () => {
    const { t, requests, every } = chartData(facts);
    expect(every).toBe(8);
    expect(t.length).toBeLessThanOrEqual(900);
    const whole = requests.slice(0, -1); // the last point is of one second
    expect(new Set(whole.map((rate) => Math.round(100 * rate)))).toEqual(new Set([12, 13]));
  });

  test("count all requests in the history, each row at its time", async () => {
    const [, history] = await csv.render(report);
    const rows = String(history!.content).trim().split("\r\n").slice(1);
    expect(rows).toHaveLength(facts.timeline.length);
    const cells = rows.at(-1)!.split(",");
    expect(Number(cells[0])).toBe(Math.floor(Date.parse(facts.started_at) / 1000) + facts.timeline.at(-1)!.t_s);
    expect(Number(cells[17])).toBe(facts.total.requests);
  });

  test("are had from the result file as from the run", () => {
    const document = JSON.parse(JSON.stringify(documentOf(report)));
    expect(JSON.parse(JSON.stringify(documentOf(readResult(JSON.stringify(document)))))).toEqual(document);
  });
});
