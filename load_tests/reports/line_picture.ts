/** A PNG chart with lines over time, the phases behind them. */
import type { ChartConfiguration, LegendItem, Plugin } from "chart.js";
import { bounded, terminal } from "../core/escape.ts";
import type { ChartData } from "./charts.ts";
import { clock, count } from "./figures.ts";
import type { Picture } from "./painter.ts";
import { axis, COLORS, type Color, type Format, heading, INK, SOFT, WIDTH } from "./picture_looks.ts";

const HEIGHT = 440;

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

export interface Lines {
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

export function linePicture({ t, every, phases }: ChartData, { title, format, series }: Lines): Picture {
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
  return { width: WIDTH, height: HEIGHT, chart: chart as ChartConfiguration };
}
