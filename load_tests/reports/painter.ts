/** Draws Chart.js charts into PNG files. Its libraries are loaded when the first chart is drawn, not before. */
import { fileURLToPath } from "node:url";
import type { ChartConfiguration } from "chart.js";

export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly chart: ChartConfiguration;
}

export type Painter = (picture: Picture) => Uint8Array;

/** The only font that a chart needs: a machine without fonts draws the same as any other. */
const FONT = "DejaVu Sans";

/** Rejects where this machine has no canvas, or the drawing library was left out of the installation. */
export async function openPainter(): Promise<Painter> {
  const [{ GlobalFonts }, { default: charts }] = await Promise.all([import("canvas"), import("chartjs-node-canvas")]);
  if (!GlobalFonts.has(FONT))
    GlobalFonts.registerFromPath(fileURLToPath(new URL("./fonts/DejaVuSans.ttf", import.meta.url)), FONT);
  return ({ width, height, chart }) =>
    new charts.ChartJSNodeCanvas({
      width,
      height,
      backgroundColour: "#ffffff",
      chartCallback: ({ defaults }) => {
        Object.assign(defaults.font, { family: FONT, size: 13 });
      },
    }).renderToBufferSync(chart);
}
