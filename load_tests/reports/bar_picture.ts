/** A PNG chart with bars by endpoint. */
import type { ChartConfiguration, Plugin } from "chart.js";
import { bounded, terminal } from "../core/escape.ts";
import type { Facts } from "./document.ts";
import type { EndpointReport } from "./endpoints.ts";
import type { Picture } from "./painter.ts";
import { axis, COLORS, type Color, type Format, heading, INK, WIDTH } from "./picture_looks.ts";
import { endpointLabels } from "./sections.ts";

/** More bars than this cannot be read. */
const MOST_BARS = 40;

export interface Bars {
  readonly title: string;
  readonly format: Format;
  readonly stacked?: boolean;
  readonly series: readonly { label: string; color: Color; pick: (endpoint: EndpointReport) => number | null }[];
}

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

export function barPicture(facts: Facts, { title, format, series, stacked = false }: Bars): Picture {
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
