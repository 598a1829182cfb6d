/** Runs for tests: calls are put into snapshots by second, endpoint and phase, and the real Ledger folds them. */
import { Histogram } from "../core/histogram.ts";
import { Ledger, type RunResult } from "../core/ledger.ts";
import type {
  CriterionSpec,
  Flow,
  Ms,
  OpInfo,
  Outcome,
  Phase,
  RunHeader,
  Scenario,
  UnsentCause,
  Verdict,
} from "../core/model.ts";
import { slosOf } from "../core/slo.ts";
import { COUNTER, COUNTERS, type SeriesDelta, type Snapshot } from "../core/snapshot.ts";
import { criteria } from "./index.ts";
import { abortCause, type Bench, judgeAll } from "./judge.ts";
import { type Watches, watchesFor } from "./watch.ts";

/** Calls that are alike. All of them end in `second`; a latency may be a list, one for each. */
export interface Calls {
  readonly second?: number;
  readonly op?: number;
  readonly phase?: number;
  readonly count: number;
  readonly outcome?: Outcome;
  readonly unsent?: UnsentCause;
  readonly latency?: Ms | readonly Ms[];
  /** Values of the endpoint's metrics, in their order. */
  readonly metrics?: readonly Ms[];
  readonly slosMet?: readonly boolean[];
  readonly checks?: { readonly passed: number; readonly failed: number };
}

export interface RunSpec {
  readonly calls: readonly Calls[];
  readonly criteria?: readonly CriterionSpec[];
  readonly phases?: readonly Phase[];
  readonly roles?: Scenario["roles"];
  readonly drive?: Flow["drive"];
  readonly maxInFlight?: number;
  readonly ops?: readonly OpInfo[];
  /** Lateness and loop delay of every call, milliseconds. */
  readonly lateness?: Ms;
  readonly loopDelay?: Ms;
  readonly inFlight?: (second: number) => number;
  readonly ended?: RunResult["ended"];
  readonly duration?: Ms;
  readonly notices?: Scenario["notices"];
}

export const OPS: readonly OpInfo[] = [
  { service: "api", name: "GET /items", protocol: "rest", method: "GET", metrics: [] },
  { service: "stt", name: "stt.Recognize", protocol: "grpc", method: "grpc", metrics: [{ name: "ttft", unit: "ms" }] },
];

/** A phase, in seconds. */
export const phase = (name: string, start: number, duration: number, measured = true): Phase => ({
  name,
  start: start * 1000,
  duration: duration * 1000,
  measured,
});

/** A criterion of the scenario itself, parsed by the shipped plug-ins. */
export function criterion(sentence: string, more: Partial<CriterionSpec> = {}): CriterionSpec {
  for (const { kind, parse } of criteria) {
    const rule: unknown = parse(sentence);
    if (rule !== null)
      return { sentence, kind, rule, scope: {}, minSamples: null, abort: false, origin: "scenario", ...more };
  }
  throw new Error(`no criterion reads "${sentence}"`);
}

const PHASES = [phase("load", 0, 10)];

/** A scenario with every default. */
export function scenarioOf({
  criteria = [],
  phases = PHASES,
  roles = null,
  drive = "users",
  maxInFlight = 10_000,
  notices = [],
}: Partial<RunSpec>): Scenario {
  const duration = Math.max(...phases.map((each) => each.start + each.duration));
  const segments = [{ start: 0, duration, from: 10, to: 10 }];
  return {
    name: "test",
    description: "",
    flows: [{ drive, arrivals: "even", segments, think: { min: 0, max: 0 } }],
    phases,
    roles,
    services: [],
    criteria,
    seed: 1,
    maxInFlight,
    grace: 30_000,
    duration,
    notices,
  };
}

const headerOf = (scenario: Scenario, ops: readonly OpInfo[]): RunHeader => ({
  format: 1,
  runId: "r1",
  startedAt: "2026-01-01T00:00:00Z",
  scenario,
  environment: {
    tenfold: "0",
    node: "0",
    os: "test",
    cpus: 1,
    memory_bytes: 0,
    git_sha: null,
    git_branch: null,
    ci: null,
  },
  ops,
  reports: {
    outputDir: "",
    formats: [],
    charts: false,
    comparisonBaseline: "",
    keep: null,
    percentiles: [],
    throughputWindow: 0,
  },
  workers: 1,
});

function seriesOf(calls: Calls, ops: readonly OpInfo[], slos: number): SeriesDelta {
  const { op = 0, phase: index = 0, count, outcome = "ok", unsent, metrics = [], slosMet = [], checks } = calls;
  const series: SeriesDelta = {
    op,
    phase: index,
    counts: new Array<number>(COUNTERS.length + slos).fill(0),
    latency: new Histogram(),
    service: new Histogram(),
    metrics: ops[op]!.metrics.map(() => new Histogram()),
  };
  series.counts[COUNTER[unsent === undefined ? outcome : "unsent"]] = count;
  if (unsent !== undefined) series.counts[COUNTER[`unsent-${unsent}`]] = count;
  series.counts[COUNTER["checks-passed"]] = checks?.passed ?? 0;
  series.counts[COUNTER["checks-failed"]] = checks?.failed ?? 0;
  for (const [i, met] of slosMet.entries()) series.counts[COUNTERS.length + i] = met ? count : 0;
  if (unsent !== undefined || outcome === "aborted") return series;
  for (let i = 0; i < count; i++) recordCall(series, latencyOf(calls, i), metrics);
  return series;
}

const latencyOf = ({ latency = 100 }: Calls, i: number): Ms =>
  typeof latency === "number" ? latency : latency[i % latency.length]!;

function recordCall(series: SeriesDelta, latency: Ms, metrics: readonly Ms[]): void {
  series.latency.record(latency);
  series.service.record(latency);
  for (const [i, value] of metrics.entries()) series.metrics[i]!.record(value);
}

function constant(value: Ms, count: number): Histogram {
  const histogram = new Histogram();
  for (let i = 0; i < count; i++) histogram.record(value);
  return histogram;
}

function snapshotOf(second: number, calls: readonly Calls[], spec: RunSpec): Snapshot {
  const { ops = OPS, criteria = [], inFlight = () => 0, lateness = 0.2, loopDelay = 0.5 } = spec;
  const slos = slosOf(scenarioOf({ criteria })).length;
  const sent = calls.reduce((sum, { count, unsent }) => sum + (unsent === undefined ? count : 0), 0);
  return {
    from: second * 1000,
    to: (second + 1) * 1000,
    users: 10,
    inFlight: inFlight(second),
    series: calls.map((each) => seriesOf(each, ops, slos)),
    failures: [],
    slowest: [],
    lateness: constant(lateness, sent),
    loopDelay: constant(loopDelay, 50),
    cpu: 20,
  };
}

export interface Run {
  readonly result: RunResult;
  readonly watches: Watches;
}

/** Folds the calls of a run, second by second. */
export function runOf(spec: RunSpec): Run {
  const { ops = OPS, criteria: specs = [], ended = "completed" } = spec;
  const scenario = scenarioOf(spec);
  const watches = watchesFor(specs, criteria, ops);
  const ledger = new Ledger(headerOf(scenario, ops), watches.watches);
  const last = Math.max(scenario.duration / 1000 - 1, ...spec.calls.map(({ second = 0 }) => second));
  const bySecond: Calls[][] = Array.from({ length: last + 1 }, () => []);
  for (const calls of spec.calls) bySecond[calls.second ?? 0]!.push(calls);
  for (const [second, calls] of bySecond.entries()) ledger.add(snapshotOf(second, calls, spec));
  return { result: ledger.result(ended, spec.duration ?? scenario.duration, "2026-01-01T00:01:00Z"), watches };
}

const benchOf = ({ watches }: Run, baseline: Bench["baseline"]): Bench => ({
  plugins: criteria,
  baseline,
  watchedBy: (spec) => watches.watchedBy(spec),
});

/** The verdicts of a run's criteria. */
export function judged(spec: RunSpec, baseline: Bench["baseline"] = null): Verdict[] {
  const run = runOf(spec);
  return judgeAll(spec.criteria ?? [], run.result, benchOf(run, baseline));
}

/** The verdict of one criterion on a run. */
export const verdictOf = (
  sentence: string,
  spec: RunSpec,
  more: Partial<CriterionSpec> = {},
  baseline: Bench["baseline"] = null,
): Verdict => judged({ ...spec, criteria: [criterion(sentence, more)] }, baseline)[0]!;

/** What ends a run that has come so far. */
export function abortOf(spec: RunSpec): Verdict | null {
  const run = runOf(spec);
  return abortCause(spec.criteria ?? [], run.result, benchOf(run, null));
}
