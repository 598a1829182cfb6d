/** The endpoints of a run: its series grouped by service and name. */
import { mergeHistograms } from "../core/histogram.ts";
import type { RunResult, Series } from "../core/ledger.ts";
import type { OpInfo } from "../core/model.ts";
import type { FailureCount } from "../core/snapshot.ts";
import { isTask, TASK } from "../core/workload.ts";
import { type FailureReport, failuresByType } from "./failures.ts";
import { measure } from "./figures.ts";
import { hintOf } from "./hints.ts";
import { percentilesFor, type Spread, spreadOf, type Totals, totalsOf } from "./totals.ts";

/** A metric of an endpoint's calls, such as `ttft`; that of a counter has a `total`. */
export type Metric = { readonly unit: string; readonly count: number } & Spread;

/** What calls came to. */
interface CallsReport extends Totals {
  readonly metrics: Readonly<Record<string, Metric>>;
  /** With what to do about it, where its kind says it. */
  readonly failures_by_type: readonly (FailureReport & { readonly hint?: string })[];
}

export interface HostReport extends CallsReport {
  readonly host: string;
}

export interface EndpointReport extends CallsReport {
  readonly name: string;
  readonly service: string;
  readonly protocol: string;
  readonly method: string;
  readonly tags?: readonly string[];
  /** Its parts by host, where the service has several. */
  readonly hosts?: readonly HostReport[];
}

/** Everything known of the calls of one endpoint, or of one endpoint in one phase. */
export interface EndpointCalls {
  readonly info: OpInfo;
  readonly series: readonly Series[];
  readonly failures: readonly FailureCount[];
  /** Its parts by host, where the service has several. */
  readonly hosts?: readonly EndpointCalls[];
  /** Of all its calls, each once. */
  readonly tags: readonly string[];
}

const tagged = ({ tags }: EndpointCalls) => (tags.length === 0 ? {} : { tags });

const keyOf = (info: OpInfo): string =>
  [info.service, info.name, ...(isTask(info) ? [info.method] : [])].join("\u0000");

/** Position of each op's endpoint in the list of endpoints. Ops of the same service and name are one endpoint. */
export function endpointIndexes(ops: readonly OpInfo[]): number[] {
  const positions = new Map<string, number>();
  return ops.map((op) => {
    const known = positions.get(keyOf(op));
    if (known !== undefined) return known;
    positions.set(keyOf(op), positions.size);
    return positions.size - 1;
  });
}

/** The calls of every endpoint, those without a call too, in the plan's order; `phase` keeps one phase's. */
export const callsByEndpoint = (result: RunResult, phase?: number): EndpointCalls[] =>
  seriesByName(result, phase).filter(({ info }) => !isTask(info));

/** A task of a workload: what it measured of itself. */
export interface TaskReport {
  readonly name: string;
  readonly workload: string;
  readonly tags?: readonly string[];
  readonly metrics: Readonly<Record<string, Metric>>;
  /** What its code threw. */
  readonly exceptions?: readonly FailureReport[];
}

/** `measured`: what code measured by names of its own, in the place of tasks. */
export function taskReports(result: RunResult, measured = false): TaskReport[] {
  const percentiles = percentilesFor(result.header.reports.percentiles);
  return seriesByName(result)
    .filter(({ info }) => isTask(info) && (info.method !== TASK.method) === measured)
    .map((each) => ({
      name: each.info.name,
      workload: each.info.service,
      ...tagged(each),
      metrics: metricsOf(each, percentiles),
      ...(each.failures.length === 0 ? {} : { exceptions: failuresByType(each.failures) }),
    }));
}

/** What failed, by endpoint, and what code of tasks threw. */
export const failedByName = (result: RunResult): EndpointCalls[] => seriesByName(result);

function seriesByName(result: RunResult, phase?: number): EndpointCalls[] {
  const { ops } = result.header;
  const kept = (part: { phase: number }) => phase === undefined || part.phase === phase;
  const parts = ops.map((info) => ({
    info,
    series: [] as Series[],
    failures: [] as FailureCount[],
    tags: info.tags ?? [],
  }));
  for (const series of result.series.filter(kept)) parts[series.op]?.series.push(series);
  for (const failure of result.failures.filter(kept)) parts[failure.op]?.failures.push(failure);
  const groups: EndpointCalls[][] = [];
  endpointIndexes(ops).forEach((endpoint, op) => {
    groups[endpoint] = [...(groups[endpoint] ?? []), parts[op]!];
  });
  return groups.map(joined);
}

/** One part for each host, whatever the tags. */
function byHost(parts: readonly EndpointCalls[]): EndpointCalls[] {
  const hosts = [...new Set(parts.map(({ info }) => info.host))];
  return hosts.map((host) => {
    const of = parts.filter(({ info }) => info.host === host);
    return { ...of[0]!, series: of.flatMap(({ series }) => series), failures: of.flatMap(({ failures }) => failures) };
  });
}

/** The parts of one endpoint as a whole. */
function joined(parts: readonly EndpointCalls[]): EndpointCalls {
  const { info } = parts[0]!;
  const series = parts.flatMap((part) => part.series);
  const failures = parts.flatMap((part) => part.failures);
  const tags = [...new Set(parts.flatMap((part) => part.tags))];
  return { info, series, failures, tags, ...(info.host === undefined ? {} : { hosts: byHost(parts) }) };
}

function metricsOf({ info, series }: EndpointCalls, percentiles: readonly number[]): Record<string, Metric> {
  const metrics: Record<string, Metric> = {};
  for (const { name, unit, adds } of [info, ...series.map((each) => each.info)].flatMap((each) => each.metrics)) {
    if (metrics[name] !== undefined) continue;
    const named = (each: Series) => each.metrics[each.info.metrics.findIndex((metric) => metric.name === name)] ?? [];
    const whole = mergeHistograms(series.flatMap(named));
    const total = adds ? { total: measure(whole.sum) } : {};
    metrics[name] = { unit, count: whole.count, ...total, ...spreadOf(whole, percentiles) } as Metric;
  }
  return metrics;
}

function withHint(failure: FailureReport, calls: EndpointCalls, result: RunResult) {
  const hint = hintOf(failure, calls, result);
  return hint === null ? failure : { ...failure, hint };
}

function callsReport(calls: EndpointCalls, result: RunResult, seconds: number): CallsReport {
  const percentiles = percentilesFor(result.header.reports.percentiles);
  return {
    ...totalsOf(calls.series, seconds, percentiles),
    metrics: metricsOf(calls, percentiles),
    failures_by_type: failuresByType(calls.failures).map((failure) => withHint(failure, calls, result)),
  };
}

/** One endpoint as the report shows it; `seconds` is the time that its rate is taken over. */
export function endpointReport(calls: EndpointCalls, result: RunResult, seconds: number): EndpointReport {
  const { name, service, protocol, method } = calls.info;
  const hosts = calls.hosts?.map((part) => ({ host: part.info.host ?? "", ...callsReport(part, result, seconds) }));
  const whole = callsReport(calls, result, seconds);
  return { name, service, protocol, method, ...tagged(calls), ...whole, ...(hosts === undefined ? {} : { hosts }) };
}
