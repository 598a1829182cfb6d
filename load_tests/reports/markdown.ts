/** `summary.md`: the run as a CI job's summary shows it. Everything from outside is escaped, the whole is bounded. */
import { bounded, markdown as inert } from "../core/escape.ts";
import { defineReporter, type Report } from "../core/plugin.ts";
import { bar } from "./bars.ts";
import { type CriterionReport, type Facts, factsOf } from "./document.ts";
import type { EndpointReport } from "./endpoints.ts";
import { ABSENT, bytes, count, percent, plain, quantity, rate, time } from "./figures.ts";
import { foundFailures } from "./found_failures.ts";
import { beforeAfter, sideBySide } from "./other_runs.ts";
import { endpointLabels, span } from "./sections.ts";
import type { Totals } from "./totals.ts";
import { type Judgement, verdictLine, verdictReason } from "./verdict.ts";

/** CI systems cut summaries at 1 MiB: these bounds keep the longest at a part of it. */
const MOST = { criteria: 100, endpoints: 100, failures: 20, notices: 20 } as const;
const LONGEST = 300;

const SIGNS: Record<Judgement, string> = { pass: "✅", fail: "❌", unknown: "❔", regressed: "❌" };

const text = (value: string, longest = LONGEST): string => inert(bounded(value, longest));

interface Column {
  readonly title: string;
  readonly right?: boolean;
}
const left = (title: string): Column => ({ title });
const right = (title: string): Column => ({ title, right: true });

/** Cells are Markdown already. */
function table(columns: readonly Column[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [
    line(columns.map(({ title }) => title)),
    line(columns.map((c) => (c.right ? "--:" : ":--"))),
    ...rows.map(line),
  ];
}

const section = (title: string, lines: readonly string[]): string[] =>
  lines.length === 0 ? [] : ["", `### ${title}`, "", ...lines];

const leftOut = (total: number, shown: number, what: string): string[] =>
  total > shown ? ["", `... and ${count(total - shown)} more ${what}: see the HTML report.`] : [];

function runTable({ total, duration_s, timeline }: Facts): string[] {
  const users = timeline.reduce((most, row) => Math.max(most, row.users), 0);
  const columns = ["Requests", "Failed", "p50", "p95", "p99", "Rate", "Users at most", "Duration"].map(right);
  const { latency_ms: at } = total;
  const cells = [
    count(total.requests),
    `${count(total.failures)} (${percent(total.error_rate)})`,
    ...[at.p50, at.p95, at.p99].map(time),
    rate(total.rps),
    count(users),
    span(duration_s),
  ];
  return table(columns, [cells]);
}

const criterionRow = ({ status, criterion, scope, observed, limit, unit, why }: CriterionReport): string[] => [
  `${SIGNS[status]} ${status}`,
  text(criterion),
  text(scope),
  quantity(observed, unit),
  quantity(limit, unit),
  text(why),
];

function criteriaTable({ criteria }: Facts): string[] {
  const order = ["fail", "unknown", "pass"];
  const shown = criteria.toSorted((a, b) => order.indexOf(a.status) - order.indexOf(b.status)).slice(0, MOST.criteria);
  const columns = [left("Status"), left("Criterion"), left("Scope"), right("Observed"), right("Limit"), left("Why")];
  return criteria.length === 0
    ? ["No criterion was judged."]
    : [...table(columns, shown.map(criterionRow)), ...leftOut(criteria.length, shown.length, "criteria")];
}

const endpointCells = (part: Totals, slowest: number): string[] => [
  count(part.requests),
  part.requests > 0 ? percent(part.error_rate) : ABSENT,
  ...[part.latency_ms.p50, part.latency_ms.p95, part.latency_ms.p99].map(time),
  bar(slowest > 0 ? (part.latency_ms.p95 ?? 0) / slowest : 0),
  rate(part.rps),
];

function endpointTable(facts: Facts): string[] {
  const labels = endpointLabels(facts.endpoints);
  const p95 = ({ latency_ms }: EndpointReport) => latency_ms.p95 ?? 0;
  const slowest = Math.max(0, ...facts.endpoints.map(p95));
  const all = facts.endpoints.map((endpoint, i) => ({ endpoint, label: labels[i]! }));
  const shown = (all.length > MOST.endpoints ? all.toSorted((a, b) => p95(b.endpoint) - p95(a.endpoint)) : all).slice(
    0,
    MOST.endpoints,
  );
  const columns = [
    left("Endpoint"),
    ...["Requests", "Errors", "p50", "p95", "p99"].map(right),
    left("p95, of the slowest"),
    right("Rate"),
  ];
  const rows = shown.map(({ endpoint, label }) => [text(label, 120), ...endpointCells(endpoint, slowest)]);
  const total = ["**all**", ...endpointCells(facts.total, 0)];
  return [...table(columns, [...rows, total]), ...leftOut(all.length, shown.length, "endpoints")];
}

function failureTable(report: Report): string[] {
  const all = foundFailures(report.result);
  const shown = all.slice(0, MOST.failures);
  const columns = [right("Count"), left("Outcome"), left("Failure"), left("Endpoint")];
  const rows = shown.map(({ count: n, outcome, what, endpoint, hint }, i) => [
    count(n),
    outcome,
    text(what) + (hint === null || shown.findIndex((other) => other.hint === hint) < i ? "" : `<br>${inert(hint)}`),
    text(endpoint, 120),
  ]);
  return all.length === 0 ? [] : [...table(columns, rows), ...leftOut(all.length, shown.length, "kinds of failures")];
}

function beforeAfterLines(report: Report): string[] {
  const told = beforeAfter(report);
  if (told === null) return [];
  const columns = [left("Endpoint"), ...told.columns.map(right)];
  const cell = ({ text: change, note }: { text: string; note: string }) =>
    text(note === "" ? change : `${change} (${note})`);
  const rows = told.rows.map(({ name, cells }) => [text(name, 120), ...cells.map(cell)]);
  return [
    text(told.headline, 600),
    "",
    ...told.runs.map((run) => `- Baseline: ${text(run)}`),
    ...told.differences.map((line) => `- Differs: ${text(line)}`),
    ...(rows.length === 0 ? [] : ["", ...table(columns, rows)]),
  ];
}

function besideLines(report: Report): string[] {
  const told = sideBySide(report);
  if (told === null) return [];
  const columns = [left("Measure"), right(text(told.scenario)), right("This run"), right("Ratio"), left("")];
  const most = Math.max(1, ...told.rows.map(({ ratio }) => ratio ?? 0));
  const rows = told.rows.map(({ metric, cells, ratio }) => [
    text(metric),
    ...cells.map((cell) => text(cell)),
    bar((ratio ?? 0) / most),
  ]);
  return [...table(columns, rows), "", `Baseline: ${text(told.run)}`];
}

function machineLines({ generator, environment: at, run_id, seed, started_at }: Facts): string[] {
  const { lateness_ms, cpu_percent, healthy } = generator;
  const commit =
    at.git_sha === null ? [] : [`commit ${at.git_sha}${at.git_branch === null ? "" : ` of ${at.git_branch}`}`];
  return [
    `Load generator: ${healthy ? "healthy" : "NOT HEALTHY, so its latencies are not the service's"}; lateness p99 ${time(lateness_ms.p99)}, CPU at most ${plain(cpu_percent.max, 1)} % of a core.`,
    [
      `Run ${run_id}`,
      `seed ${seed}`,
      started_at,
      `Tenfold ${at.tenfold}`,
      `Node ${at.node}`,
      `${at.os}, ${at.cpus} CPUs, ${bytes(at.memory_bytes)}`,
      ...commit,
    ].join(" · "),
  ].flatMap((line) => [text(line, 600), ""]);
}

export function summaryMarkdown(report: Report): string {
  const facts = factsOf(report);
  const { notices } = facts;
  const lines = [
    `## ${SIGNS[report.verdict]} ${text(facts.scenario)}: ${text(verdictLine(report))}`,
    "",
    ...(facts.description === "" ? [] : [text(facts.description), ""]),
    text(verdictReason(report), 1000),
    "",
    ...runTable(facts),
    ...section("Criteria", criteriaTable(facts)),
    ...section("Endpoints", endpointTable(facts)),
    ...section("Before and after", beforeAfterLines(report)),
    ...section("Beside the baseline", besideLines(report)),
    ...section("Failures", failureTable(report)),
    ...section("Notices", [
      ...notices.slice(0, MOST.notices).map((notice) => `- **${text(notice.kind)}**: ${text(notice.text, 600)}`),
      ...leftOut(notices.length, MOST.notices, "notices"),
    ]),
    "",
    ...machineLines(facts),
  ];
  return `${lines.join("\n").trimEnd()}\n`;
}

export const markdown = defineReporter({
  format: "markdown",
  render: (report) => [{ path: "summary.md", content: summaryMarkdown(report) }],
});
