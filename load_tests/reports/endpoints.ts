/** The endpoints of a run: its series grouped by service and name. */
import { mergeHistograms } from "../core/histogram.ts";
import type { RunResult, Series } from "../core/ledger.ts";
import type { OpInfo } from "../core/model.ts";
import type { FailureCount } from "../core/snapshot.ts";
import { type FailureType, failuresByType } from "./failures.ts";
import { hintOf } from "./hints.ts";
import { percentilesFor, type Spread, spreadOf, type Totals, totalsOf } from "./totals.ts";

/** A metric of an endpoint's calls, such as `ttft`. */
export type Metric = { readonly unit: string; readonly count: number } & Spread;

export interface EndpointReport extends Totals {
  readonly name: string;
  readonly service: string;
  readonly protocol: string;
  readonly method: string;
  readonly metrics: Readonly<Record<string, Metric>>;
  /** With what to do about it, where its kind says it. */
  readonly failures_by_type: readonly (FailureType & { readonly hint?: string })[];
}

/** Everything known of the calls of one endpoint, or of one endpoint in one phase. */
export interface EndpointCalls {
  readonly info: OpInfo;
  readonly series: readonly Series[];
  readonly failures: readonly FailureCount[];
}

const keyOf = ({ service, name }: OpInfo): string => `${service}\u0000${name}`;

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
export function callsByEndpoint(result: RunResult, phase?: number): EndpointCalls[] {
  const { ops } = result.header;
  const indexes = endpointIndexes(ops);
  const groups: { info: OpInfo; series: Series[]; failures: FailureCount[] }[] = [];
  ops.forEach((info, op) => {
    groups[indexes[op]!] ??= { info, series: [], failures: [] };
  });
  const kept = (part: { phase: number }) => phase === undefined || part.phase === phase;
  for (const series of result.series.filter(kept)) groups[indexes[series.op]!]?.series.push(series);
  for (const failure of result.failures.filter(kept)) groups[indexes[failure.op]!]?.failures.push(failure);
  return groups;
}

function metricsOf({ info, series }: EndpointCalls, percentiles: readonly number[]): Record<string, Metric> {
  const metrics: Record<string, Metric> = {};
  for (const { name, unit } of [info, ...series.map((each) => each.info)].flatMap((each) => each.metrics)) {
    if (metrics[name] !== undefined) continue;
    const named = (each: Series) => each.metrics[each.info.metrics.findIndex((metric) => metric.name === name)] ?? [];
    const whole = mergeHistograms(series.flatMap(named));
    metrics[name] = { unit, count: whole.count, ...spreadOf(whole, percentiles) } as Metric;
  }
  return metrics;
}

function withHint(failure: FailureType, calls: EndpointCalls, result: RunResult) {
  const hint = hintOf(failure, calls, result);
  return hint === null ? failure : { ...failure, hint };
}

/** One endpoint as the report shows it; `seconds` is the time that its rate is taken over. */
export function endpointReport(calls: EndpointCalls, result: RunResult, seconds: number): EndpointReport {
  const percentiles = percentilesFor(result.header.reports.percentiles);
  const { name, service, protocol, method } = calls.info;
  return {
    name,
    service,
    protocol,
    method,
    ...totalsOf(calls.series, seconds, percentiles),
    metrics: metricsOf(calls, percentiles),
    failures_by_type: failuresByType(calls.failures).map((failure) => withHint(failure, calls, result)),
  };
}
