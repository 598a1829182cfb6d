/** `comparison.md`: before and after as a job summary or a comment shows it. */
import type { Change, Comparison, RunReference } from "../core/comparison.ts";
import { bounded, markdown } from "../core/escape.ts";
import { changeText, groupsOf, HEADLINE_METRICS, headline, placeOf } from "./comparison_words.ts";
import { quantity } from "./figures.ts";

/** Viewers cut a summary at 1 MB. */
const MOST_ROWS = 2000;
const MOST_TEXT = 200;

const cell = (text: string): string => markdown(bounded(text, MOST_TEXT));

const row = (change: Change): string => {
  const values = [change.baseline, change.current].map((value) => quantity(value, change.unit));
  const cells = [change.endpoint, change.metric, ...values, changeText(change), change.verdict];
  return `| ${cells.map(cell).join(" | ")} |`;
};

const HEAD = ["| Endpoint | Metric | Baseline | Current | Change | Verdict |", "|---|---|--:|--:|--:|---|"];

const runLine = (side: string, run: RunReference): string =>
  `- ${side}: ${[placeOf(run), run.run_id, run.started_at, run.git_sha ?? ""].filter(Boolean).map(cell).join(", ")}`;

export function comparisonMarkdown(comparison: Comparison): string {
  const { baseline, current, differences, changes } = comparison;
  const shown = changes.filter(({ metric }) => HEADLINE_METRICS.includes(metric)).slice(0, MOST_ROWS);
  const lines = [
    "## Before and after",
    "",
    cell(headline(comparison)),
    "",
    ...baseline.map((run) => runLine("Baseline", run)),
    ...current.map((run) => runLine("Current", run)),
    ...differences.map((line) => `- Differs: ${cell(line)}`),
    ...groupsOf(shown).flatMap(([phase, group]) => ["", `### ${cell(phase)}`, "", ...HEAD, ...group.map(row)]),
  ];
  return `${lines.join("\n")}\n`;
}
