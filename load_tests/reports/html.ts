/** `load_report_<stamp>.html`: one file that needs no network. */
import Handlebars from "handlebars";
import { defineReporter, type Report } from "../core/plugin.ts";
import { chartData } from "./charts.ts";
import { distributions } from "./distribution.ts";
import { beside, chartLibrary, inlineJson, policy } from "./inline.ts";
import { pageOf } from "./page.ts";

/** The scripts of the charts; the first has what the others share. */
const CHARTS = ["chart_looks", "over_time", "zoom", "distribution"];

export function htmlPage(report: Report): string {
  const { page, told } = pageOf(report);
  const charts = report.result.header.reports.charts;
  const style = beside("report.css");
  const script = ["report", ...(charts ? CHARTS : [])].map((name) => beside(`${name}.client.js`)).join("");
  const library = charts ? chartLibrary() : "";
  const template = Handlebars.create().compile(beside("report.hbs"), { strict: true });
  const data = { ...chartData(told), distribution: distributions(report.result) };
  return template({
    ...page,
    charts,
    resourceCharts: data.resources.map(({ title, unit, series }, index) => ({
      id: `resources-${index}`,
      title: unit === "" ? title : `${title}, in ${unit}`,
      names: series.map(({ name }) => name).join(", "),
    })),
    distributions: data.distribution.parts.map(({ name }, index) => ({ name, index })),
    every: data.every > 1 ? data.every : null,
    style,
    script,
    library,
    data: inlineJson(data),
    policy: policy([script, library], style),
  });
}

export const html = defineReporter({
  format: "html",
  render: (report) => [{ path: `load_report_${report.stamp}.html`, content: htmlPage(report) }],
});
