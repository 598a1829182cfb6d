/** `comparison.md`: before and after as a job summary or a comment shows it. */
import type { Change, Comparison, RunReference } from "../core/comparison.ts";
import { bounded, markdown } from "../core/escape.ts";
import { changeText, groupsOf, HEADLINE_METRICS, headline, known, placeOf, sideNames } from "./comparison_words.ts";
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

const head = ([before, after]: readonly string[]): string[] => [
  `| Endpoint | Metric | ${before} | ${after} | Change | Verdict |`,
  "|---|---|--:|--:|--:|---|",
];

const runLine = (side: string, run: RunReference): string =>
  `- ${side}: ${[placeOf(run), run.run_id, run.started_at, run.git_sha ?? ""].filter(Boolean).map(cell).join(", ")}`;

export function comparisonMarkdown(comparison: Comparison): string {
  const { baseline, current, differences, changes } = comparison;
  const sides = sideNames(comparison);
  const shown = known(changes)
    .filter(({ metric }) => HEADLINE_METRICS.includes(metric))
    .slice(0, MOST_ROWS);
  const lines = [
    "## Before and after",
    "",
    cell(headline(comparison)),
    "",
    ...baseline.map((run) => runLine(sides[0], run)),
    ...current.map((run) => runLine(sides[1], run)),
    ...differences.map((line) => `- Differs: ${cell(line)}`),
    ...groupsOf(shown).flatMap(([phase, group]) => ["", `### ${cell(phase)}`, "", ...head(sides), ...group.map(row)]),
  ];
  return `${lines.join("\n")}\n`;
}
