/** The parts of a run in plain text, for the console and for `summary.txt`. */
import { terminal } from "../core/escape.ts";
import type { Notice } from "../core/model.ts";
import { wrap } from "./columns.ts";
import type { CriterionReport, Facts } from "./document.ts";
import type { EndpointReport } from "./endpoints.ts";
import { type FailureReport, failureText } from "./failures.ts";
import { count, percent, quantity, rate, time } from "./figures.ts";
import { type Look, painted } from "./paint.ts";
import { type Column, table } from "./table.ts";
import type { Totals } from "./totals.ts";
import { MARKS, PAINTS } from "./verdict.ts";

const INDENT = "           ";

const indented = (text: string, look: Look): string[] =>
  wrap(terminal(text), look.width - INDENT.length).map((line) => INDENT + line);

function criterionLines({ status, criterion, scope, why }: CriterionReport, look: Look): string[] {
  const mark = painted(`${MARKS[status]} ${status.padEnd(INDENT.length - 3)}`, PAINTS[status], look);
  const [head, ...rest] = wrap(terminal(`${criterion} (${scope})`), look.width - INDENT.length);
  return [`${mark} ${head}`, ...rest.map((line) => INDENT + line), ...indented(why, look)];
}

export const criteriaLines = (criteria: readonly CriterionReport[], look: Look): string[] =>
  criteria.flatMap((criterion) => criterionLines(criterion, look));

/** `12 (0.35 %)`. */
export const failuresCell = ({ failures, error_rate }: Totals): string =>
  failures === 0 ? "0" : `${count(failures)} (${percent(error_rate)})`;

const ENDPOINT_COLUMNS: readonly Column[] = [
  { title: "Endpoint", elastic: true },
  ...["Requests", "Failures", "p50", "p95", "p99", "Rate"].map((title) => ({ title, align: "right" as const })),
];

const endpointRow = (name: string, part: Totals): string[] => [
  name,
  count(part.requests),
  failuresCell(part),
  ...["p50", "p95", "p99"].map((p) => time(part.latency_ms[p])),
  rate(part.rps),
];

/** Endpoints of the same name in several services carry the service. */
export function endpointLabels(endpoints: readonly Pick<EndpointReport, "name" | "service">[]): string[] {
  const times = new Map<string, number>();
  for (const { name } of endpoints) times.set(name, (times.get(name) ?? 0) + 1);
  return endpoints.map(({ name, service }) => (times.get(name)! > 1 ? `${service}: ${name}` : name));
}

export function endpointLines(facts: Facts, look: Look): string[] {
  const labels = endpointLabels(facts.endpoints).map(terminal);
  const rows = facts.endpoints.map((endpoint, i) => endpointRow(labels[i]!, endpoint));
  const [head, ...lines] = table(ENDPOINT_COLUMNS, [...rows, endpointRow("all", facts.total)], look.width);
  return [painted(head!, "dim", look), ...lines];
}

const TASK_COLUMNS: readonly Column[] = [
  { title: "Task", elastic: true },
  ...["Done", "p50", "p95", "p99", "Rate"].map((title) => ({ title, align: "right" as const })),
];

/** How often each task was done, and how long it took. */
export function taskLines({ tasks = [], duration_s: seconds }: Facts, look: Look): string[] {
  const rows = tasks.flatMap(({ name, workload, metrics: { task_duration: taken } }) =>
    taken === undefined
      ? []
      : [
          [
            terminal(`${workload}.${name}`),
            count(taken.count),
            ...["p50", "p95", "p99"].map((p) => time(taken[p] ?? null)),
            rate(seconds > 0 ? taken.count / seconds : 0),
          ],
        ],
  );
  if (rows.length === 0) return [];
  const [head, ...lines] = table(TASK_COLUMNS, rows, look.width);
  return [painted(head!, "dim", look), ...lines];
}

const METRIC_COLUMNS: readonly Column[] = [
  { title: "Metric", elastic: true },
  ...["Values", "Total", "Mean", "p50", "p95", "Max"].map((title) => ({ title, align: "right" as const })),
];

/** What code measured by names of its own. */
export function metricLines({ metrics = [] }: Facts, look: Look): string[] {
  const rows = metrics.flatMap(({ name, workload, metrics: measured }) =>
    Object.entries(measured)
      .filter(([, { count: values }]) => values > 0)
      .map(([metric, spread]) => [
        terminal(`${workload}.${metric === "part" || metric === name ? name : metric}`),
        count(spread.count),
        ...["total", "mean", "p50", "p95", "max"].map((key) => terminal(quantity(spread[key] ?? null, spread.unit))),
      ]),
  );
  if (rows.length === 0) return [];
  const [head, ...lines] = table(METRIC_COLUMNS, rows, look.width);
  return [painted(head!, "dim", look), ...lines];
}

export function noticeLines(notices: readonly Notice[], look: Look): string[] {
  return notices.flatMap(({ kind, text }) => {
    const [first, ...rest] = wrap(terminal(`${kind}: ${text}`), look.width - 2);
    return [`${painted("!", "yellow", look)} ${first}`, ...rest.map((line) => `  ${line}`)];
  });
}

/** Under each line what to do about its failure; the same is said once. */
function withHints(lines: readonly string[], hints: readonly (string | undefined)[], look: Look): string[] {
  const told = new Set<string>();
  return lines.flatMap((line, i) => {
    const hint = hints[i];
    if (hint === undefined || told.has(hint)) return [line];
    told.add(hint);
    const [first, ...rest] = wrap(terminal(hint), look.width - 4);
    return [line, ...[`  → ${first}`, ...rest.map((more) => `    ${more}`)].map((each) => painted(each, "dim", look))];
  });
}

type Failed = FailureReport & { readonly hint?: string };

/** The commonest failures with their endpoints, at most `most` of them, and what to do about them. */
export function failureLines(facts: Facts, look: Look, most = 10): string[] {
  const thrown = (facts.tasks ?? []).flatMap((task) =>
    (task.exceptions ?? []).map((failure) => ({ name: `${task.workload}.${task.name}`, failure: failure as Failed })),
  );
  const all = facts.endpoints
    .flatMap(({ name, failures_by_type: found }) => found.map((failure) => ({ name, failure: failure as Failed })))
    .concat(thrown)
    .sort((a, b) => b.failure.count - a.failure.count);
  const columns: Column[] = [
    { title: "Count", align: "right" },
    { title: "Outcome" },
    { title: "Failure", elastic: true },
    { title: "Endpoint", elastic: true },
  ];
  const shown = all.slice(0, most);
  const rows = shown.map(({ name, failure }) =>
    [count(failure.count), failure.outcome, failureText(failure), name].map(terminal),
  );
  const [head, ...lines] = table(columns, rows, look.width);
  const hints = shown.map(({ failure }) => failure.hint);
  const more = all.length > most ? [`... and ${all.length - most} more kinds`] : [];
  return all.length === 0 ? [] : [head!, ...withHints(lines, hints, look), ...more];
}

/** A time span as `1m 30s`; `0 s` for none. */
export const span = (seconds: number): string => (seconds > 0 ? time(seconds * 1000) : "0 s");
