/** All that is measured of a run, by endpoint, phase and metric. */
import type { Histogram } from "../core/histogram.ts";
import { mergeHistograms } from "../core/histogram.ts";
import { type RunResult, type Series, sumSeries } from "../core/ledger.ts";
import type { OpInfo, Phase } from "../core/model.ts";
import { COUNTER, failuresOf, requestsOf } from "../core/snapshot.ts";
import { isTask } from "../core/workload.ts";

export interface Measure {
  readonly endpoint: string;
  readonly service: string | null;
  readonly phase: string;
  readonly metric: string;
  readonly unit: string;
  readonly value: number | undefined;
}

export const ALL_ENDPOINTS = "all endpoints";
export const ALL_PHASES = "all measured phases";
const GENERATOR = "load generator";
const RESOURCES = "resources";
const WHOLE_RUN = "whole run";
const PERCENTILES = [50, 75, 90, 95, 99, 99.9];
const METRIC_PERCENTILES = [50, 95, 99];

/** Some series over a time, and how they are called. */
interface Part {
  readonly endpoint: string;
  readonly service: string | null;
  readonly phase: string;
  readonly series: readonly Series[];
  readonly seconds: number;
}

interface Span {
  readonly phase: string;
  readonly positions: ReadonlySet<number>;
  readonly seconds: number;
}

const secondsOf = (phase: Phase, end: number): number =>
  Math.max(0, Math.min(phase.start + phase.duration, end) - phase.start) / 1000;

/** Each phase, and before them all measured ones together where there are several phases. Phases of one name are one. */
function spansOf({ header: { scenario }, duration }: RunResult): Span[] {
  const indexed = scenario.phases.map((phase, index) => ({ ...phase, index, seconds: secondsOf(phase, duration) }));
  const span = (phase: string, of: typeof indexed): Span => ({
    phase,
    positions: new Set(of.map(({ index }) => index)),
    seconds: of.reduce((sum, { seconds }) => sum + seconds, 0),
  });
  const names = [...new Set(indexed.map(({ name }) => name))];
  const each = names.map((name) =>
    span(
      name,
      indexed.filter((phase) => phase.name === name),
    ),
  );
  return [
    span(
      ALL_PHASES,
      indexed.filter(({ measured }) => measured),
    ),
    ...each,
  ].filter(({ seconds }) => seconds > 0);
}

const keyOf = ({ service, name }: OpInfo): string => `${service}\u0000${name}`;

function partsOf(result: RunResult): Part[] {
  const infos = new Map(result.header.ops.map((info) => [keyOf(info), info]));
  return spansOf(result).flatMap(({ phase, positions, seconds }) => {
    const inside = result.series.filter((series) => positions.has(series.phase));
    const byKey = grouped(inside);
    const whole = { endpoint: ALL_ENDPOINTS, service: null, phase, series: inside, seconds };
    const parts = [...infos].map(([key, { name, service }]) => ({
      endpoint: name,
      service,
      phase,
      series: byKey.get(key) ?? [],
      seconds,
    }));
    return [whole, ...parts].filter(({ series }) => series.length > 0);
  });
}

function grouped(series: readonly Series[]): Map<string, Series[]> {
  const groups = new Map<string, Series[]>();
  for (const each of series) groups.set(keyOf(each.info), [...(groups.get(keyOf(each.info)) ?? []), each]);
  return groups;
}

type Figure = Pick<Measure, "metric" | "unit" | "value">;

const percentilesOf = (name: string, unit: string, histogram: Histogram, percentiles: readonly number[]): Figure[] =>
  percentiles.map((p) => ({ metric: `${name}p${p}`, unit, value: histogram.percentile(p / 100) }));

function figuresOf({ series, seconds }: Part, percentiles: readonly number[]): Figure[] {
  const { counts, latency, service } = sumSeries(series);
  const sent = requestsOf(counts) - counts[COUNTER.aborted]!;
  return [
    { metric: "throughput", unit: "/s", value: counts[COUNTER.ok]! / seconds },
    { metric: "requests", unit: "/s", value: requestsOf(counts) / seconds },
    { metric: "error_rate", unit: "ratio", value: sent > 0 ? failuresOf(counts) / sent : undefined },
    { metric: "unsent", unit: "/s", value: counts[COUNTER.unsent]! / seconds },
    { metric: "mean", unit: "ms", value: latency.mean },
    ...percentilesOf("", "ms", latency, percentiles),
    { metric: "max", unit: "ms", value: latency.count > 0 ? latency.max : undefined },
    ...percentilesOf("service ", "ms", service, [50, 95, 99]),
  ];
}

/** Metrics of the protocol, such as `ttft`, of one endpoint. */
function metricFigures({ series, service }: Part): Figure[] {
  if (service === null) return [];
  const infos = new Map(series.flatMap(({ info }) => info.metrics.map((metric) => [metric.name, metric.unit])));
  return [...infos].flatMap(([name, unit]) => {
    const of = (each: Series) => each.metrics[each.info.metrics.findIndex((metric) => metric.name === name)] ?? [];
    return percentilesOf(`${name} `, unit, mergeHistograms(series.flatMap(of)), METRIC_PERCENTILES);
  });
}

function generatorMeasures({ cpu, lateness, loopDelay }: RunResult): Measure[] {
  const figures: Figure[] = [
    { metric: "cpu mean", unit: "%", value: cpu.mean },
    { metric: "cpu max", unit: "%", value: cpu.max },
    { metric: "lateness p99", unit: "ms", value: lateness.percentile(0.99) },
    { metric: "event-loop delay p99", unit: "ms", value: loopDelay.percentile(0.99) },
  ];
  return figures.map((figure) => ({ endpoint: GENERATOR, service: null, phase: ALL_PHASES, ...figure }));
}

/** What the load generator has told is told above. */
function resourceMeasures({ resources }: RunResult): Measure[] {
  const others = resources.filter(({ name }) => !["generator.cpu", "generator.event_loop_delay"].includes(name));
  return others.flatMap(({ name, unit, mean, max }) => {
    const of = { endpoint: RESOURCES, service: null, phase: WHOLE_RUN, unit };
    return [
      { ...of, metric: `${name} mean`, value: mean },
      { ...of, metric: `${name} max`, value: max },
    ];
  });
}

/** Every measure of a run; `percentiles` of latency, 0 to 100, beside those that are always there. */
export function measuresOf(result: RunResult, percentiles: readonly number[] = []): Measure[] {
  const wanted = [...new Set([...PERCENTILES, ...percentiles])].sort((a, b) => a - b);
  const measures = partsOf(result).flatMap((part) => {
    const { endpoint, service, phase } = part;
    const isOfTask = part.series.every(({ info }) => isTask(info));
    const figures = [...(isOfTask ? [] : figuresOf(part, wanted)), ...metricFigures(part)];
    return figures.map((figure) => ({ endpoint, service, phase, ...figure }));
  });
  return [...measures, ...generatorMeasures(result), ...resourceMeasures(result)];
}
