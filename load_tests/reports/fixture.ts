/** Runs for the tests of reports, built through the real ledger. */
import { Histogram } from "../core/histogram.ts";
import { Ledger } from "../core/ledger.ts";
import type { Outcome, Scenario, Verdict } from "../core/model.ts";
import type { Report } from "../core/plugin.ts";
import { type Reading, reading } from "../core/resource.ts";
import { levelAt } from "../core/schedule.ts";
import {
  COUNTER,
  COUNTERS,
  type FailureCount,
  type SeriesDelta,
  type SlowCall,
  type Snapshot,
  slowestOf,
} from "../core/snapshot.ts";
import { header, OPS, PHASES, SCENARIO } from "./fixture_scenario.ts";

/** One call of a made-up run: milliseconds of the run's clock. */
export interface FixtureCall {
  readonly op: number;
  readonly phase: number;
  readonly end: number;
  readonly latency: number;
  readonly outcome: Outcome;
  readonly message?: string;
}

function emptySeries({ op, phase }: FixtureCall): SeriesDelta {
  const metrics = OPS[op]!.metrics.map(() => new Histogram());
  return {
    op,
    phase,
    counts: COUNTERS.map(() => 0),
    latency: new Histogram(),
    service: new Histogram(),
    metrics,
  };
}

function record(series: SeriesDelta, call: FixtureCall): void {
  series.counts[COUNTER[call.outcome]]!++;
  if (call.outcome === "unsent") series.counts[COUNTER["unsent-limit"]]!++;
  if (call.outcome === "unsent") return;
  series.counts[COUNTER["sent-bytes"]]! += 100;
  series.counts[COUNTER["received-bytes"]]! += 250;
  if (call.outcome === "aborted") return;
  series.latency.record(call.latency);
  series.service.record(call.latency * 0.9);
  series.metrics[0]?.record(call.latency / 4);
}

const failure = (call: FixtureCall): FailureCount => ({
  op: call.op,
  phase: call.phase,
  outcome: call.outcome,
  status: call.outcome === "timeout" ? "DEADLINE_EXCEEDED" : "500",
  message: call.message ?? "",
  count: 1,
  answers: [`<b onclick="hack()">answer</b> \u001b[2J to call ${call.end.toFixed(0)}`],
  first: call.end,
  last: call.end,
});

const slowCall = ({ op, phase, end, latency, outcome }: FixtureCall): SlowCall => ({
  op,
  phase,
  at: end,
  latency,
  outcome,
  status: outcome === "ok" ? "200" : "500",
});

function snapshot(second: number, calls: readonly FixtureCall[], scenario: Scenario): Snapshot {
  const series = new Map<string, SeriesDelta>();
  for (const call of calls) {
    const key = `${call.op} ${call.phase}`;
    if (!series.has(key)) series.set(key, emptySeries(call));
    record(series.get(key)!, call);
  }
  const lateness = new Histogram();
  const loopDelay = new Histogram();
  lateness.record(0.2);
  loopDelay.record(1.1);
  return {
    from: second * 1000,
    to: (second + 1) * 1000,
    users: scenario.flows.reduce((sum, flow) => sum + Math.round(levelAt(flow.segments, second * 1000 + 500)), 0),
    inFlight: calls.length % 7,
    series: [...series.values()],
    slowest: slowestOf(calls.filter(({ outcome }) => outcome !== "unsent").map(slowCall)),
    failures: calls.filter(({ outcome }) => !["ok", "aborted", "unsent"].includes(outcome)).map(failure),
    lateness,
    loopDelay,
    cpu: 20 + (calls.length % 10),
  };
}

const VERDICTS: readonly Verdict[] = [
  {
    criterion: "p95 < 2s",
    scope: "all endpoints",
    status: "pass",
    observed: 412.5,
    limit: 2000,
    unit: "ms",
    why: "p95 412 ms is under the limit of 2 s (1,204 calls)",
  },
  {
    criterion: "error_rate < 1%",
    scope: "phase spike",
    status: "fail",
    observed: 0.0321,
    limit: 0.01,
    unit: "ratio",
    why: "3.21 % of calls failed, the limit is 1 % (20 of 623); most said DEADLINE_EXCEEDED",
  },
  { criterion: "recovery < 30s", scope: "all endpoints", status: "unknown", why: "the rate is too low to tell" },
];

/** A target that goes away for a second. */
const targetReadings = (second: number): Reading[] => [
  reading("target", "cpu", { source: "process on port 50052", value: 40 + (second % 10) * 4 }),
  reading("target", "memory", { source: "process on port 50052", value: 200 + second }),
];

/** A report of the calls given, second by second. */
export function reportOf(calls: readonly FixtureCall[], changes: Partial<Report> = {}, scenario = SCENARIO): Report {
  const ledger = new Ledger(header(scenario));
  const last = Math.max(0, ...calls.map((call) => Math.floor(call.end / 1000)));
  for (let second = 0; second <= last; second++) {
    const ended = calls.filter((call) => Math.floor(call.end / 1000) === second);
    ledger.add(snapshot(second, ended, scenario));
    if (second !== 30) ledger.resources(second + 1, targetReadings(second));
  }
  return {
    result: ledger.result("completed", scenario.duration, "2026-01-02T03:05:06.678Z"),
    verdicts: VERDICTS,
    verdict: "fail",
    exitCode: 99,
    why: null,
    generatorHealthy: true,
    stamp: "20260102_030405",
    ...changes,
  };
}

/** Numbers spread evenly over [0, 1): multiples of an irrational number, without their whole part. */
const spread = (index: number, step: number): number => (index * step) % 1;

/** A minute with a spike in which calls slow down and some fail; the same each time and on each machine. */
export function fixtureCalls(): FixtureCall[] {
  const calls: FixtureCall[] = [];
  for (let at = 1500; at < 60_000; at += at > 20_000 && at < 40_000 ? 40 : 125) {
    const i = calls.length;
    const op = Math.floor(spread(i, Math.SQRT2) * (OPS.length - 1));
    const phase = PHASES.findIndex((each) => at < each.start + each.duration);
    const slow = phase === 2 ? 8 : 1;
    const latency = slow * 20 * (1 + 3 * spread(i, 0.6180339887) ** 2);
    const draw = spread(i, 0.7320508076);
    const outcome = draw < 0.01 * slow ? (draw < 0.02 ? "timeout" : "server-error") : "ok";
    const message = outcome === "timeout" ? "no answer within 30 s" : "broken <img src=x onerror=alert(1)> \u001b[2J";
    calls.push({ op, phase, end: at + latency, latency, outcome, message });
  }
  calls.push({ op: 0, phase: 3, end: 60_500, latency: 0, outcome: "aborted" });
  calls.push({ op: 2, phase: 2, end: 30_500, latency: 0, outcome: "unsent" });
  return calls;
}

export const fixtureReport = (changes: Partial<Report> = {}): Report => reportOf(fixtureCalls(), changes);
