/** What the PNG charts show: bars by endpoint, lines over time. */
import { type Bars, barPicture } from "./bar_picture.ts";
import type { ChartData } from "./charts.ts";
import type { Facts } from "./document.ts";
import type { EndpointReport } from "./endpoints.ts";
import { count, percent, plain, time } from "./figures.ts";
import { type Lines, linePicture } from "./line_picture.ts";
import type { Picture } from "./painter.ts";
import { COLORS, type Color, type Format } from "./picture_looks.ts";

const milliseconds: Format = (value) => time(value);
const ofLatency = (key: string) => (endpoint: EndpointReport) => endpoint.latency_ms[key] ?? null;

const BARS: Readonly<Record<string, Bars>> = {
  response_time_by_endpoint: {
    title: "Response time by endpoint",
    format: milliseconds,
    series: [
      { label: "mean", color: "grey", pick: ofLatency("mean") },
      { label: "median", color: "blue", pick: ofLatency("p50") },
    ],
  },
  p95_response_time: {
    title: "95th percentile of the response time by endpoint",
    format: milliseconds,
    series: [{ label: "p95", color: "orange", pick: ofLatency("p95") }],
  },
  error_rate_by_endpoint: {
    title: "Error rate by endpoint",
    format: percent,
    series: [{ label: "error rate", color: "red", pick: (endpoint) => endpoint.error_rate }],
  },
  request_distribution: {
    title: "Requests by endpoint",
    format: count,
    stacked: true,
    series: [
      { label: "ok", color: "blue", pick: ({ requests, failures, aborted }) => requests - failures - aborted },
      { label: "failed", color: "red", pick: ({ failures }) => failures },
    ],
  },
};

const perSecond: Format = (value) => `${plain(value)}/s`;

const linesOf = (data: ChartData): Record<string, Lines> => ({
  latency_over_time: {
    title: "Latency over time",
    format: milliseconds,
    series: [
      { label: "p50", color: "blue", values: data.p50 },
      { label: "p95", color: "orange", values: data.p95, dash: [8, 3] },
      { label: "p99", color: "red", values: data.p99, dash: [2, 3] },
    ],
  },
  throughput_over_time: {
    title: "Throughput and users over time",
    format: perSecond,
    series: [
      { label: "requests/s", color: "blue", values: data.requests },
      { label: "users", color: "violet", values: data.users, dash: [6, 3], right: true },
    ],
  },
  errors_over_time: {
    title: "Errors over time",
    format: perSecond,
    series: [
      { label: "failed/s", color: "red", values: data.failures },
      { label: "not sent/s", color: "grey", values: data.unsent, dash: [4, 3] },
    ],
  },
});

const RESOURCE_PICTURES: Readonly<Record<string, string>> = { CPU: "cpu_over_time", Memory: "memory_over_time" };
/** Every colour before one comes again, then with another dash: the numbers of both have no common divisor. */
const LINE_COLORS = Object.keys(COLORS) as Color[];
const DASHES = [[], [8, 3], [2, 3], [10, 3, 2, 3], [4, 4]];

/** The charts of CPU and memory; seconds without a value are gaps. */
function resourceLines({ t, every, resources }: ChartData): [name: string, Lines][] {
  return resources.flatMap(({ title, unit, series }): [string, Lines][] => {
    const name = RESOURCE_PICTURES[title];
    const lines = series.map((each, i) => {
      const at = new Map(each.points.map(([end, value]) => [Math.ceil(end / every), value]));
      const values = t.map((end) => at.get(Math.ceil(end / every)) ?? null);
      const look = { color: LINE_COLORS[i % LINE_COLORS.length]!, dash: DASHES[i % DASHES.length]! };
      return { label: each.name, values, ...look };
    });
    const format: Format = (value) => `${plain(value)} ${unit}`;
    return name === undefined ? [] : [[name, { title: `${title} over time`, format, series: lines }]];
  });
}

/** Every PNG chart of a run by its name, without the ending. */
export function picturesOf(facts: Facts, data: ChartData): Record<string, Picture> {
  const bars = Object.entries(BARS).map(([name, each]) => [name, barPicture(facts, each)] as const);
  const overTime = [...Object.entries(linesOf(data)), ...resourceLines(data)];
  const lines = overTime.map(([name, each]) => [name, linePicture(data, each)] as const);
  return Object.fromEntries([...bars, ...lines]);
}
