/** Before and after: `comparison.html`, `.json`, `.txt` and `.md`, of runs that were compared. */
import type { ComparedRuns } from "../core/comparison.ts";
import { defineReporter, type ReportFile } from "../core/plugin.ts";
import { comparisonLines } from "./comparison_lines.ts";
import { comparisonMarkdown } from "./comparison_markdown.ts";
import { comparisonPage } from "./comparison_page.ts";
import type { Look } from "./paint.ts";

const TEXT: Look = { width: 120, color: false };

/** All files of a comparison. */
export function comparisonFiles(compared: ComparedRuns): ReportFile[] {
  const { comparison } = compared;
  const text = comparisonLines(comparison, TEXT, true).map((line) => `${line.trimEnd()}\n`);
  return [
    { path: "comparison.html", content: comparisonPage(compared) },
    { path: "comparison.json", content: `${JSON.stringify(comparison, null, 1)}\n` },
    { path: "comparison.txt", content: text.join("") },
    { path: "comparison.md", content: comparisonMarkdown(comparison) },
  ];
}

/** A comparison that was read back without its drawings has its files already. */
export const comparison = defineReporter({
  format: "always",
  render: ({ comparison: compared }) => (compared && compared.drawings.length > 0 ? comparisonFiles(compared) : []),
});
