/** Before and after in plain text: for the console, the summary and `comparison.txt`. */
import type { Beside, Change, Comparison, RunReference } from "../core/comparison.ts";
import { terminal } from "../core/escape.ts";
import type { Report } from "../core/plugin.ts";
import { wrap } from "./columns.ts";
import { changeText, groupsOf, HEADLINE_METRICS, headline, known, placeOf, sideNames } from "./comparison_words.ts";
import { ABSENT, plain, quantity } from "./figures.ts";
import { type Look, painted } from "./paint.ts";
import { type Column, table } from "./table.ts";

const columns = (sides: readonly string[]): Column[] => [
  { title: "Endpoint", elastic: true },
  { title: "Metric" },
  ...[...sides, "Change"].map((title) => ({ title, align: "right" as const })),
  { title: "Verdict" },
];

const row = (change: Change): string[] => [
  terminal(change.endpoint),
  terminal(change.metric),
  quantity(change.baseline, change.unit),
  quantity(change.current, change.unit),
  changeText(change),
  change.verdict,
];

const runLine = (side: string, run: RunReference): string => {
  const commit = run.git_sha === null ? "" : `, commit ${run.git_sha.slice(0, 12)}`;
  return `${side.padEnd(10)} ${placeOf(run)}, run ${run.run_id}, ${run.started_at}${commit}`;
};

function phaseLines(sides: readonly string[], [phase, changes]: [string, readonly Change[]], look: Look): string[] {
  const [head, ...lines] = table(columns(sides), changes.map(row), look.width);
  return ["", terminal(phase), painted(head!, "dim", look), ...lines];
}

/** The comparison in plain text; `all` has every phase and metric, else those that are looked at first. */
export function comparisonLines(comparison: Comparison, look: Look, all = false): string[] {
  const { baseline, current, differences, changes } = comparison;
  const first = changes[0]?.phase;
  const looked = changes.filter(({ phase, metric }) => phase === first && HEADLINE_METRICS.includes(metric));
  const shown = known(all ? changes : looked);
  const sides = sideNames(comparison);
  const about = [
    headline(comparison),
    ...baseline.map((run) => runLine(sides[0], run)),
    ...current.map((run) => runLine(sides[1], run)),
    ...(differences.length === 0 ? ["Nothing else differed: commit, config and machine are the same."] : []),
    ...(all ? differences : differences.slice(0, 5)).map((line) => `differs: ${line}`),
    ...(all || differences.length <= 5 ? [] : [`differs: ${differences.length - 5} more, in comparison.txt`]),
  ];
  const [title, ...rest] = about.flatMap((line) => wrap(terminal(line), look.width));
  return [
    painted(title!, "bold", look),
    ...rest,
    ...groupsOf(shown).flatMap((group) => phaseLines(sides, group, look)),
  ];
}

/** A run beside the one that its load is a multiple of. */
export function besideLines({ baseline, rows }: Beside, look: Look): string[] {
  const titles = [baseline.scenario, "this run", "ratio"];
  const columns = [{ title: "" }, ...titles.map((title) => ({ title: terminal(title), align: "right" as const }))];
  const cells = rows.map(({ metric, unit, baseline: before, current, ratio }) => [
    metric,
    quantity(before, unit),
    quantity(current, unit),
    ratio === null ? ABSENT : `${plain(ratio)}x`,
  ]);
  const [head, ...lines] = table(columns, cells, look.width);
  return [
    `Beside ${terminal(baseline.scenario)}, run ${terminal(baseline.run_id)}`,
    painted(head!, "dim", look),
    ...lines,
  ];
}

/** What a report says of other runs, for the console and the summary. */
export function otherRunsLines({ comparison: compared, beside }: Report, look: Look): string[] {
  return [
    ...(beside ? ["", ...besideLines(beside, look)] : []),
    ...(compared ? ["", ...comparisonLines(compared.comparison, look)] : []),
  ];
}
