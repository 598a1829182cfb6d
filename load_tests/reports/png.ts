/** `analysis/*.png`: charts by endpoint and over time, for where no HTML is shown. */
import { defineReporter, type Report, type ReportFile } from "../core/plugin.ts";
import { chartData } from "./charts.ts";
import { factsOf } from "./document.ts";
import { openPainter, type Painter } from "./painter.ts";
import { picturesOf } from "./pictures.ts";

const missing = (error: Error): ReportFile => ({
  path: "analysis/charts_missing.txt",
  content: `The PNG charts could not be drawn on this machine: ${error.message}\nThe HTML report has the same charts; reports.format without png leaves them out.\n`,
});

/** The charts as files; where nothing can be drawn, a file that says why. `open` gives what draws. */
export async function chartFiles(report: Report, open: () => Promise<Painter>): Promise<ReportFile[]> {
  if (!report.result.header.reports.charts) return [];
  const facts = factsOf(report);
  const paint = await open().catch((error: Error) => error);
  if (paint instanceof Error) return [missing(paint)];
  return Object.entries(picturesOf(facts, chartData(facts))).map(([name, picture]) => ({
    path: `analysis/${name}.png`,
    content: paint(picture),
  }));
}

export const png = defineReporter({ format: "png", render: (report) => chartFiles(report, openPainter) });
