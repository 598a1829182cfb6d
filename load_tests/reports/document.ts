/** The JSON report as data. Other reporters read it too, so that all of them say the same. */
import type { Beside, Comparison } from "../core/comparison.ts";
import type { RunResult } from "../core/ledger.ts";
import type { Driver, Ended, Environment, Notice, Outcome, Phase, Service, Status, Verdict } from "../core/model.ts";
import type { Report } from "../core/plugin.ts";
import { callsByEndpoint, type EndpointReport, endpointReport, type TaskReport, taskReports } from "./endpoints.ts";
import { ABSENT, decimals, measure } from "./figures.ts";
import { type StoredHistograms, storedHistograms } from "./histograms.ts";
import { type Resource, resourceReport } from "./resources.ts";
import { type TimelineRow, timelineOf } from "./timeline.ts";
import { percentilesFor, type Totals, totalsOf } from "./totals.ts";

export interface PhaseReport {
  readonly name: string;
  readonly from_s: number;
  /** Its end, or the end of the run where that came first. */
  readonly to_s: number;
  readonly measured: boolean;
  readonly total: Totals;
  readonly endpoints: readonly EndpointReport[];
}

export interface CriterionReport {
  readonly criterion: string;
  readonly scope: string;
  readonly status: Status;
  readonly observed: number | null;
  readonly limit: number | null;
  readonly unit: string | null;
  readonly why: string;
}

export interface GeneratorReport {
  readonly healthy: boolean;
  readonly workers: number;
  readonly lateness_ms: { readonly p50: number | null; readonly p99: number | null; readonly max: number | null };
  readonly event_loop_delay_ms: { readonly p99: number | null };
  /** 100 is one core. */
  readonly cpu_percent: { readonly mean: number; readonly max: number };
  readonly per_worker: readonly WorkerReport[];
}

/** Of one thread: its CPU (100 is one core), and the shares of its time in garbage collection and ready without a core. */
export interface WorkerReport {
  readonly worker: number;
  readonly cpu_percent: { readonly mean: number; readonly max: number } | null;
  readonly gc_percent: { readonly mean: number; readonly max: number } | null;
  readonly waiting_percent: { readonly mean: number; readonly max: number } | null;
}

/** One call; `t_s` is the second of the run in which it ended. */
export interface SlowestReport {
  readonly endpoint: string;
  readonly service: string;
  readonly phase: string;
  readonly t_s: number;
  readonly latency_ms: number | null;
  readonly outcome: Outcome;
  readonly status: string;
}

/** The JSON report without its histograms. */
export interface Facts {
  readonly format: 1;
  readonly run_id: string;
  readonly scenario: string;
  readonly description: string;
  /** Of the scenario. */
  readonly tags?: readonly string[];
  readonly started_at: string;
  readonly ended_at: string;
  /** To the end of the last phase or the stop, without the drain. */
  readonly duration_s: number;
  readonly seed: number;
  readonly ended: Ended;
  readonly verdict: Report["verdict"];
  readonly exit_code: number;
  /** Services that were played by stand-ins. */
  readonly embedded: readonly string[];
  /** What carried the calls of each service whose protocol has several drivers; absent where none has. */
  readonly drivers?: Readonly<Record<string, Driver>>;
  readonly environment: Environment;
  readonly total: Totals;
  readonly endpoints: readonly EndpointReport[];
  /** Of workloads; absent where there are none. */
  readonly tasks?: readonly TaskReport[];
  /** What code measured by names of its own; absent where there is none. */
  readonly metrics?: readonly TaskReport[];
  readonly phases: readonly PhaseReport[];
  readonly timeline: readonly TimelineRow[];
  readonly resources: readonly Resource[];
  readonly criteria: readonly CriterionReport[];
  readonly generator: GeneratorReport;
  /** The slowest calls, the slowest first. */
  readonly slowest: readonly SlowestReport[];
  readonly notices: readonly Notice[];
  readonly comparison: Comparison | null;
  /** The run that `Nx baseline` speaks of beside this one. */
  readonly beside_baseline: Beside | null;
}

/** The JSON report: all of a run that later runs and other programs need. */
export interface Document extends Facts {
  readonly histograms: StoredHistograms;
}

const criterionReport = (verdict: Verdict): CriterionReport => ({
  criterion: verdict.criterion,
  scope: verdict.scope,
  status: verdict.status,
  observed: measure(verdict.observed),
  limit: measure(verdict.limit),
  unit: verdict.unit ?? null,
  why: verdict.why,
});

function phaseReport(result: RunResult, phase: Phase, index: number): PhaseReport {
  const end = Math.max(phase.start, Math.min(phase.start + phase.duration, result.duration));
  const seconds = (end - phase.start) / 1000;
  const parts = result.series.filter((series) => series.phase === index);
  return {
    name: phase.name,
    from_s: decimals(phase.start / 1000, 3),
    to_s: decimals(end / 1000, 3),
    measured: phase.measured,
    total: totalsOf(parts, seconds, percentilesFor(result.header.reports.percentiles)),
    endpoints: callsByEndpoint(result, index).map((calls) => endpointReport(calls, result, seconds)),
  };
}

function workerReport({ resources }: RunResult, worker: number): WorkerReport {
  const of = (measured: string) => {
    const series = resources.find(({ name }) => name === `worker.${worker}.${measured}`);
    return series === undefined ? null : { mean: decimals(series.mean, 1), max: decimals(series.max, 1) };
  };
  return { worker, cpu_percent: of("cpu"), gc_percent: of("gc"), waiting_percent: of("waiting") };
}

function generatorReport({ result, generatorHealthy }: Report): GeneratorReport {
  const { lateness, loopDelay, cpu } = result;
  return {
    healthy: generatorHealthy,
    workers: result.header.workers,
    lateness_ms: {
      p50: measure(lateness.percentile(0.5)),
      p99: measure(lateness.percentile(0.99)),
      max: measure(lateness.max),
    },
    event_loop_delay_ms: { p99: measure(loopDelay.percentile(0.99)) },
    cpu_percent: { mean: decimals(cpu.mean, 1), max: decimals(cpu.max, 1) },
    per_worker: Array.from({ length: result.header.workers }, (_, i) => workerReport(result, i + 1)),
  };
}

const slowestReport = ({ slowest, header: { ops, scenario } }: RunResult): SlowestReport[] =>
  slowest.map(({ op, phase, at, latency, outcome, status }) => ({
    endpoint: ops[op]?.name ?? ABSENT,
    service: ops[op]?.service ?? ABSENT,
    phase: scenario.phases[phase]?.name ?? ABSENT,
    t_s: decimals(at / 1000, 3),
    latency_ms: measure(latency),
    outcome,
    status,
  }));

function whenAndWhat({ result, verdict, exitCode }: Report) {
  const { header } = result;
  const { scenario } = header;
  return {
    format: header.format,
    run_id: header.runId,
    scenario: scenario.name,
    description: scenario.description,
    ...(scenario.tags === undefined ? {} : { tags: scenario.tags }),
    started_at: header.startedAt,
    ended_at: result.endedAt,
    duration_s: decimals(result.duration / 1000, 3),
    seed: scenario.seed,
    ended: result.ended,
    verdict,
    exit_code: exitCode,
    embedded: [...new Set(scenario.services.filter((service) => service.embedded).map((service) => service.name))],
    ...driversOf(scenario.services),
    environment: header.environment,
  };
}

function driversOf(services: readonly Service[]): Pick<Facts, "drivers"> {
  const told = services.flatMap(({ name, driver }) => (driver === undefined ? [] : [[name, driver] as const]));
  return told.length === 0 ? {} : { drivers: Object.fromEntries(told) };
}

/** Every reporter of a report asks for them; they are made once. */
const made = new WeakMap<Report, Facts>();

export function factsOf(report: Report): Facts {
  const facts = made.get(report) ?? factsFrom(report);
  made.set(report, facts);
  return facts;
}

function factsFrom(report: Report): Facts {
  const { result } = report;
  const seconds = result.duration / 1000;
  const tasks = taskReports(result);
  const metrics = taskReports(result, true);
  return {
    ...whenAndWhat(report),
    total: totalsOf(result.series, seconds, percentilesFor(result.header.reports.percentiles)),
    endpoints: callsByEndpoint(result).map((calls) => endpointReport(calls, result, seconds)),
    ...(tasks.length === 0 ? {} : { tasks }),
    ...(metrics.length === 0 ? {} : { metrics }),
    phases: result.header.scenario.phases.map((phase, index) => phaseReport(result, phase, index)),
    timeline: timelineOf(result),
    resources: result.resources.map(resourceReport),
    criteria: report.verdicts.map(criterionReport),
    generator: generatorReport(report),
    slowest: slowestReport(result),
    notices: result.notices,
    comparison: report.comparison?.comparison ?? null,
    beside_baseline: report.beside ?? null,
  };
}

export const documentOf = (report: Report): Document => ({
  ...factsOf(report),
  histograms: storedHistograms(report),
});
