/** What the PNG charts show: bars by endpoint, lines over time. */
import type { ChartConfiguration, LegendItem, Plugin } from "chart.js";
import { bounded, terminal } from "../core/escape.ts";
import type { ChartData } from "./charts.ts";
import type { Facts } from "./document.ts";
import type { EndpointReport } from "./endpoints.ts";
import { clock, count, percent, plain, time } from "./figures.ts";
import type { Picture } from "./painter.ts";
import { endpointLabels } from "./sections.ts";

const WIDTH = 1100;
const LINES_HEIGHT = 440;
/** More bars than this cannot be read. */
const MOST_BARS = 40;
const INK = "#16191f";
const SOFT = "#5b6472";
const GRID = "#dfe3e9";
const COLORS = {
  blue: "#2a78c8",
  orange: "#b45f06",
  red: "#b3221f",
  violet: "#6f4bb8",
  grey: "#8a94a3",
  green: "#2e7d32",
  pink: "#c2185b",
  brown: "#795548",
} as const;
type Color = keyof typeof COLORS;

type Format = (value: number) => string;
const milliseconds: Format = (value) => time(value);

interface Bars {
  readonly title: string;
  readonly format: Format;
  readonly stacked?: boolean;
  readonly series: readonly { label: string; color: Color; pick: (endpoint: EndpointReport) => number | null }[];
}

const axis = (format: Format, more: object = {}) => ({
  beginAtZero: true,
  ticks: { color: SOFT, maxTicksLimit: 8, callback: (value: string | number) => format(Number(value)) },
  grid: { color: GRID },
  ...more,
});

const heading = (text: readonly string[]) => ({
  title: { display: true, text: text[0]!, color: INK, align: "start" as const, font: { size: 18 } },
  subtitle: { display: text.length > 1, text: text[1] ?? "", color: SOFT, align: "start" as const },
});

/** Writes each bar's value behind it. */
const values = (format: Format): Plugin<"bar"> => ({
  id: "values",
  afterDatasetsDraw(chart) {
    const { ctx, data } = chart;
    ctx.save();
    ctx.fillStyle = INK;
    ctx.textBaseline = "middle";
    ctx.font = "11px DejaVu Sans";
    data.datasets.forEach(({ data: numbers }, set) => {
      chart.getDatasetMeta(set).data.forEach((bar, i) => {
        const value = numbers[i];
        if (typeof value === "number") ctx.fillText(format(value), bar.x + 5, bar.y);
      });
    });
    ctx.restore();
  },
});

function barPicture(facts: Facts, { title, format, series, stacked = false }: Bars): Picture {
  const labels = endpointLabels(facts.endpoints);
  const weight = (endpoint: EndpointReport) => series.reduce((sum, { pick }) => sum + (pick(endpoint) ?? 0), 0);
  const called = facts.endpoints
    .map((endpoint, i) => ({ endpoint, label: bounded(terminal(labels[i]!), 44) }))
    .filter(({ endpoint }) => endpoint.requests > 0)
    .sort((a, b) => weight(b.endpoint) - weight(a.endpoint));
  const shown = called.slice(0, MOST_BARS);
  const note = called.length > shown.length ? [`the ${shown.length} highest of ${called.length} endpoints`] : [];
  const chart: ChartConfiguration<"bar"> = {
    type: "bar",
    data: {
      labels: shown.map(({ label }) => label),
      datasets: series.map(({ label, color, pick }) => ({
        label,
        data: shown.map(({ endpoint }) => pick(endpoint)),
        backgroundColor: COLORS[color],
        maxBarThickness: 22,
      })),
    },
    plugins: stacked ? [] : [values(format)],
    options: {
      indexAxis: "y",
      layout: { padding: { right: 70, left: 10, top: 6, bottom: 6 } },
      scales: {
        x: axis(format, { stacked }),
        y: { stacked, ticks: { color: INK, autoSkip: false }, grid: { display: false } },
      },
      plugins: { ...heading([title, ...note]), legend: { display: series.length > 1, position: "bottom" } },
    },
  };
  const height = 130 + Math.max(1, shown.length) * (stacked || series.length === 1 ? 26 : 38);
  return { width: WIDTH, height, chart: chart as ChartConfiguration };
}

/** Bands behind the lines with the names of the phases above them. */
const phaseBands = (phases: ChartData["phases"]): Plugin<"line"> => ({
  id: "phases",
  beforeDatasetsDraw({ ctx, chartArea, scales }) {
    ctx.save();
    ctx.font = "11px DejaVu Sans";
    phases.forEach(({ name, from, to }, i) => {
      const left = Math.max(chartArea.left, scales.x!.getPixelForValue(from));
      const width = Math.min(chartArea.right, scales.x!.getPixelForValue(to)) - left;
      if (width <= 0) return;
      ctx.fillStyle = i % 2 === 1 ? "#00000012" : "#00000006";
      ctx.fillRect(left, chartArea.top, width, chartArea.height);
      ctx.fillStyle = SOFT;
      const text = bounded(terminal(name), Math.max(0, Math.floor(width / 7)));
      if (text.length > 1) ctx.fillText(text, left + 4, chartArea.top + 13);
    });
    ctx.restore();
  },
});

interface Lines {
  readonly title: string;
  readonly format: Format;
  readonly series: readonly {
    label: string;
    color: Color;
    values: readonly (number | null)[];
    dash?: number[];
    right?: boolean;
  }[];
}

/** Chart.js leaves a line's dashes out of its own labels. */
const labelsOf = (series: Lines["series"]) => (): LegendItem[] =>
  series.map(({ label, color, dash = [] }, datasetIndex) => ({
    ...{ text: label, strokeStyle: COLORS[color], lineDash: dash, lineWidth: 2, datasetIndex },
    ...{ pointStyle: "line" as const, fontColor: INK },
  }));

function linePicture({ t, every, phases }: ChartData, { title, format, series }: Lines): Picture {
  const note = every > 1 ? [`each point stands for ${every} seconds: the slowest of them, rates as their mean`] : [];
  const chart: ChartConfiguration<"line"> = {
    type: "line",
    data: {
      datasets: series.map(({ label, color, values: ys, dash = [], right }) => ({
        label,
        data: t.map((x, i) => ({ x, y: ys[i] ?? Number.NaN })),
        borderColor: COLORS[color],
        backgroundColor: COLORS[color],
        borderWidth: 2,
        borderDash: dash,
        pointRadius: t.length < 3 ? 3 : 0,
        ...(right ? { yAxisID: "right" } : {}),
      })),
    },
    plugins: [phaseBands(phases)],
    options: {
      layout: { padding: 10 },
      scales: {
        x: { type: "linear", min: 0, max: t.at(-1) ?? 1, ...axis(clock, { grid: { display: false } }) },
        y: axis(format),
        ...(series.some(({ right }) => right)
          ? {
              right: axis(count, {
                position: "right",
                grid: { display: false },
                title: { display: true, text: "users" },
              }),
            }
          : {}),
      },
      plugins: {
        ...heading([title, ...note]),
        legend: {
          position: "bottom",
          labels: { usePointStyle: true, pointStyleWidth: 36, generateLabels: labelsOf(series) },
        },
      },
    },
  };
  return { width: WIDTH, height: LINES_HEIGHT, chart: chart as ChartConfiguration };
}

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
