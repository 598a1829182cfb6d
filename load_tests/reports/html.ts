/** `load_report_<stamp>.html`: one file that needs no network. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import Handlebars from "handlebars";
import { defineReporter, type Report } from "../core/plugin.ts";
import { chartData } from "./charts.ts";
import { pageOf } from "./page.ts";

const beside = (name: string): string => readFileSync(new URL(`./${name}`, import.meta.url), "utf8");

const chartLibrary = (): string =>
  readFileSync(join(dirname(createRequire(import.meta.url).resolve("chart.js")), "chart.umd.min.js"), "utf8").replace(
    /\n\/\/# sourceMappingURL=.*\s*$/,
    "\n",
  );

/** JSON that neither ends the element it stands in nor breaks a line of script. */
const inlineJson = (value: unknown): string =>
  JSON.stringify(value).replace(
    /[<>&\u2028\u2029]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );

const hashOf = (text: string): string => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;

/** Only the page's own script and style run, whatever else a name may smuggle in; nothing is loaded. */
const policy = (scripts: readonly string[], style: string): string =>
  `default-src 'none'; base-uri 'none'; form-action 'none'; script-src ${scripts.map(hashOf).join(" ")}; style-src ${hashOf(style)}`;

export function htmlPage(report: Report): string {
  const { page, told } = pageOf(report);
  const charts = report.result.header.reports.charts;
  const style = beside("report.css");
  const script = beside("report.client.js");
  const library = charts ? chartLibrary() : "";
  const template = Handlebars.create().compile(beside("report.hbs"), { strict: true });
  const data = chartData(told);
  return template({
    ...page,
    charts,
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
