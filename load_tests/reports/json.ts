/** `load_report_<stamp>.json`. */
import { defineReporter } from "../core/plugin.ts";
import { documentOf } from "./document.ts";

/** A line for each key of the document: short for a long run, and still read by `grep` and by `diff`. */
function jsonLines(document: object): string {
  const lines = Object.entries(document).map(([key, value]) => `${JSON.stringify(key)}: ${JSON.stringify(value)}`);
  return `{\n${lines.join(",\n")}\n}\n`;
}

export const json = defineReporter({
  format: "json",
  render: (report) => [{ path: `load_report_${report.stamp}.json`, content: jsonLines(documentOf(report)) }],
});
