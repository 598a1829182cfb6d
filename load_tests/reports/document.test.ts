import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { mergeHistograms } from "../core/histogram.ts";
import { OUTCOMES } from "../core/model.ts";
import { COUNTERS } from "../core/snapshot.ts";
import { documentOf, factsOf } from "./document.ts";
import { type FixtureCall, fixtureCalls, fixtureReport, reportOf } from "./fixture.ts";
import { OPS, SCENARIO } from "./fixture_scenario.ts";
import { unpackHistograms } from "./histograms.ts";
import type { Totals } from "./totals.ts";

const calls = fc.array(
  fc.record<FixtureCall>({
    op: fc.integer({ min: 0, max: OPS.length - 1 }),
    phase: fc.integer({ min: 0, max: SCENARIO.phases.length - 1 }),
    end: fc.integer({ min: 0, max: 70_000 }),
    latency: fc.double({ min: 0, max: 60_000, noNaN: true }),
    outcome: fc.constantFrom(...OUTCOMES),
    message: fc.string(),
  }),
  { maxLength: 300 },
);

const SUMS = ["requests", "failures", "unsent", "aborted", "sent_bytes", "received_bytes"] as const;
const sumOf = (parts: readonly Totals[], key: (typeof SUMS)[number]) => parts.reduce((sum, part) => sum + part[key], 0);

describe("sums", () => {
  test("a total is the sum of its endpoints, of its phases and of the endpoints of its phases", () => {
    fc.assert(
      fc.property(calls, (made) => {
        const { total, endpoints, phases } = factsOf(reportOf(made));
        for (const key of SUMS) {
          expect(sumOf(endpoints, key)).toBe(total[key]);
          expect(
            sumOf(
              phases.map((phase) => phase.total),
              key,
            ),
          ).toBe(total[key]);
          expect(
            sumOf(
              phases.flatMap((phase) => phase.endpoints),
              key,
            ),
          ).toBe(total[key]);
        }
      }),
      { numRuns: 50 },
    );
  });

  test("the seconds of the timeline sum to the total", () => {
    fc.assert(
      fc.property(calls, (made) => {
        const { total, timeline } = factsOf(reportOf(made));
        for (const key of ["requests", "failures", "unsent", "aborted"] as const)
          expect(timeline.reduce((sum, row) => sum + row[key], 0)).toBe(total[key]);
      }),
      { numRuns: 50 },
    );
  });

  test("the failures by type of an endpoint sum to its failures, the commonest first", () => {
    fc.assert(
      fc.property(calls, (made) => {
        for (const { failures, failures_by_type } of factsOf(reportOf(made)).endpoints) {
          const counts = failures_by_type.map((type) => type.count);
          expect(counts.reduce((a, b) => a + b, 0)).toBe(failures);
          expect(counts).toEqual(counts.toSorted((a, b) => b - a));
        }
      }),
      { numRuns: 50 },
    );
  });

  test("a kind of failure has the times of its first and its last call", () => {
    fc.assert(
      fc.property(calls, (made) => {
        const kinds = factsOf(reportOf(made)).endpoints.flatMap((endpoint) => endpoint.failures_by_type);
        const failed = made.filter(({ outcome }) => !["ok", "aborted", "unsent"].includes(outcome));
        const ends = failed.map(({ end }) => end / 1000);
        if (failed.length === 0) return;
        expect(Math.min(...kinds.map(({ first_s }) => first_s))).toBeCloseTo(Math.min(...ends), 2);
        expect(Math.max(...kinds.map(({ last_s }) => last_s))).toBeCloseTo(Math.max(...ends), 2);
      }),
      { numRuns: 50 },
    );
  });

  test("requests and failures are those of the calls made, and the causes of unsent sum to it", () => {
    fc.assert(
      fc.property(calls, (made) => {
        const { total } = factsOf(reportOf(made));
        const of = (...outcomes: string[]) => made.filter((call) => outcomes.includes(call.outcome)).length;
        expect(total.requests).toBe(made.length - of("unsent"));
        expect(total.failures).toBe(made.length - of("ok", "aborted", "unsent"));
        expect(total.unsent).toBe(total.unsent_by.late + total.unsent_by.limit + total.unsent_by.machine);
        const ended = total.requests - total.aborted;
        expect(total.error_rate).toBeCloseTo(ended === 0 ? 0 : total.failures / ended, 5);
      }),
      { numRuns: 50 },
    );
  });
});

test("the facts of a report are made once, for all of its reporters", () => {
  const report = fixtureReport();
  expect(factsOf(report)).toBe(factsOf(report));
  expect(factsOf({ ...report })).not.toBe(factsOf(report));
});

describe("the JSON report", () => {
  const document = documentOf(fixtureReport());

  test("has the slowest calls, the slowest first, with their endpoints and phases", () => {
    const { slowest, endpoints, phases } = document;
    expect(slowest.length).toBeGreaterThan(0);
    const times = slowest.map(({ latency_ms }) => latency_ms!);
    expect(times).toEqual(times.toSorted((a, b) => b - a));
    expect(times[0]).toBe(document.total.latency_ms.max);
    for (const call of slowest) {
      expect(endpoints.map(({ name }) => name)).toContain(call.endpoint);
      expect(phases.map(({ name }) => name)).toContain(call.phase);
    }
  });

  test("has every key of the format", () => {
    expect(Object.keys(document)).toEqual([
      "format",
      "run_id",
      "scenario",
      "description",
      "started_at",
      "ended_at",
      "duration_s",
      "seed",
      "ended",
      "verdict",
      "exit_code",
      "embedded",
      "environment",
      "total",
      "endpoints",
      "phases",
      "timeline",
      "resources",
      "criteria",
      "generator",
      "slowest",
      "notices",
      "comparison",
      "beside_baseline",
      "histograms",
    ]);
    expect(Object.keys(document.timeline[0]!)).toEqual(
      expect.arrayContaining(["t_s", "users", "requests", "failures", "p50", "p95", "p99", "rps"]),
    );
    expect(document.comparison).toBeNull();
  });

  test("shows the percentiles that are always there and those that the config asks for", () => {
    const keys = ["min", "mean", "p50", "p66", "p75", "p90", "p95", "p99", "p99.9", "max"];
    expect(Object.keys(document.total.latency_ms)).toEqual(keys);
    expect(Object.keys(document.total.service_ms)).toEqual(keys);
  });

  test("has percentiles within 0.1 % of those of the calls themselves", () => {
    const made = fixtureCalls().filter(({ outcome }) => !["aborted", "unsent"].includes(outcome));
    const sorted = made.map((call) => call.latency).sort((a, b) => a - b);
    for (const p of [50, 66, 75, 90, 95, 99, 99.9]) {
      const exact = sorted[Math.ceil((p / 100) * sorted.length) - 1]!;
      const said = document.total.latency_ms[`p${p}`]!;
      expect(Math.abs(said / exact - 1)).toBeLessThan(0.001);
    }
    expect(document.total.latency_ms.max).toBeCloseTo(sorted.at(-1)!, 2);
  });

  test("keeps calls that were cut at the end out of the latency", () => {
    const report = reportOf([
      { op: 0, phase: 1, end: 1000, latency: 10, outcome: "ok" },
      { op: 0, phase: 1, end: 1000, latency: 9999, outcome: "aborted" },
    ]);
    expect(factsOf(report).total).toMatchObject({ requests: 2, aborted: 1, failures: 0, latency_ms: { max: 10 } });
  });

  test("says null, not 0, for times of calls that were never made", () => {
    const none = document.endpoints.find(({ name }) => name === "never called")!;
    expect(none).toMatchObject({ requests: 0, error_rate: 0, rps: 0 });
    expect(new Set(Object.values(none.latency_ms))).toEqual(new Set([null]));
    expect(document.criteria[2]).toMatchObject({ status: "unknown", observed: null, limit: null, unit: null });
  });

  test("takes rates over the time of the run and of the phase, without the drain", () => {
    const facts = factsOf(fixtureReport());
    expect(facts.duration_s).toBe(60);
    expect(facts.total.rps).toBeCloseTo(facts.total.requests / 60, 2);
    const spike = facts.phases.find(({ name }) => name === "spike")!;
    expect(spike.total.rps).toBeCloseTo(spike.total.requests / 20, 2);
  });

  test("ends phases where the run ended", () => {
    const report = fixtureReport();
    const stopped = { ...report, result: { ...report.result, duration: 30_000, ended: "stopped" as const } };
    const spans = factsOf(stopped).phases.map(({ from_s, to_s }) => [from_s, to_s]);
    expect(spans).toEqual([
      [0, 5],
      [5, 20],
      [20, 30],
      [40, 40],
    ]);
  });

  test("names the embedded services once", () => {
    expect(document.embedded).toEqual(["stt", "llm"]);
  });

  test("gives the metrics of an endpoint with their units", () => {
    const stt = document.endpoints.find(({ name }) => name === "stt.Recognize")!;
    expect(stt.metrics.ttft).toMatchObject({ unit: "ms", count: stt.requests - stt.aborted });
    expect(stt.metrics.ttft!.p50! / stt.latency_ms.p50!).toBeCloseTo(0.25, 2);
  });

  test("smooths the rate of the timeline over the window of throughput", () => {
    const { timeline } = document;
    const mean = timeline.slice(30, 40).reduce((sum, row) => sum + row.requests, 0) / 10;
    expect(timeline[39]!.rps).toBeCloseTo(mean, 3);
  });

  test("is the same after JSON and back", () => {
    expect(JSON.parse(JSON.stringify(document))).toEqual(document);
  });

  test("makes endpoints of the same service and name one", () => {
    const report = reportOf([
      { op: 2, phase: 1, end: 1000, latency: 10, outcome: "ok" },
      { op: 3, phase: 1, end: 1000, latency: 20, outcome: "ok" },
    ]);
    const ops = OPS.map((op) => (op.service === "api" ? { ...op, name: "items" } : op));
    const { header } = report.result;
    const renamed = { ...report, result: { ...report.result, header: { ...header, ops } } };
    const items = factsOf(renamed).endpoints.filter(({ name }) => name === "items");
    expect(items).toHaveLength(1);
    expect(items[0]).toMatchObject({ requests: 2, latency_ms: { min: 10, max: 20 } });
  });
});

describe("stored histograms", () => {
  const report = fixtureReport();
  const { histograms, endpoints, phases, total } = documentOf(report);

  test("build every percentile of every endpoint and phase again", () => {
    for (const { endpoint, phase, data } of histograms.series) {
      const [latency, service] = unpackHistograms(data);
      const said = phases[phase]!.endpoints[endpoint]!;
      expect(latency!.percentile(0.95)).toBeCloseTo(said.latency_ms.p95!, 2);
      expect(service!.percentile(0.99)).toBeCloseTo(said.service_ms.p99!, 2);
    }
  });

  test("hold the metrics after latency and service time", () => {
    const stored = histograms.series.filter(({ endpoint }) => endpoints[endpoint]!.name === "stt.Recognize");
    const ttft = mergeHistograms(stored.map(({ data }) => unpackHistograms(data)[2]!));
    expect(ttft.count).toBe(endpoints[0]!.metrics.ttft!.count);
  });

  test("hold the same in blocks as in whole", () => {
    const latencies = histograms.blocks.flatMap(({ data }) => unpackHistograms(data).filter((_, i) => i % 2 === 0));
    const whole = mergeHistograms(latencies);
    expect(histograms.blocks.length).toBeGreaterThan(1);
    expect(whole.percentile(0.95)).toBeCloseTo(total.latency_ms.p95!, 2);
    expect(whole.count).toBe(total.requests - total.aborted);
    for (const { series, data } of histograms.blocks) expect(unpackHistograms(data)).toHaveLength(series.length * 2);
  });

  test("carry the counters with their names", () => {
    const ok = histograms.series.reduce((sum, { counts }) => sum + counts[histograms.counters.indexOf("ok")]!, 0);
    expect(histograms.counters).toEqual(COUNTERS);
    expect(ok).toBe(total.requests - total.failures - total.aborted);
  });
});
