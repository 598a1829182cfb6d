/** What the HTML page shows, in words: everything is text, and safe of control characters, before it meets the template. */
import { stringify } from "yaml";
import { bounded, terminal } from "../core/escape.ts";
import type { RunResult } from "../core/ledger.ts";
import type { Flow } from "../core/model.ts";
import type { Report } from "../core/plugin.ts";
import { type CriterionReport, type Facts, factsOf, type PhaseReport, type WorkerReport } from "./document.ts";
import type { EndpointReport } from "./endpoints.ts";
import { ABSENT, bytes, clock, count, percent, plain, quantity, rate, time } from "./figures.ts";
import { type FoundFailure, foundFailures } from "./found_failures.ts";
import { beforeAfter, sideBySide } from "./other_runs.ts";
import { endpointLabels, span } from "./sections.ts";
import type { Totals } from "./totals.ts";
import { MARKS, verdictLine, verdictReason } from "./verdict.ts";

/** A cell of a sortable table: the text and what it is sorted by. */
interface Cell {
  readonly text: string;
  readonly sort: string | number;
}

const cell = (text: string, sort: number | null | undefined): Cell => ({ text, sort: sort ?? -1 });

/** Every text in a value with its control characters made visible. */
function shown<T>(value: T): T {
  if (typeof value === "string") return terminal(value) as T;
  if (Array.isArray(value)) return value.map(shown) as T;
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, shown(each)])) as T;
}

function tiles({ total, timeline, duration_s }: Facts) {
  const users = timeline.reduce((most, row) => Math.max(most, row.users), 0);
  return [
    { label: "Requests", value: count(total.requests), note: rate(total.rps) },
    { label: "Error rate", value: percent(total.error_rate), note: `${count(total.failures)} failed` },
    { label: "p50", value: time(total.latency_ms.p50), note: `mean ${time(total.latency_ms.mean)}` },
    { label: "p95", value: time(total.latency_ms.p95), note: `service ${time(total.service_ms.p95)}` },
    { label: "p99", value: time(total.latency_ms.p99), note: `max ${time(total.latency_ms.max)}` },
    { label: "Users", value: count(users), note: "at most" },
    { label: "Duration", value: span(duration_s), note: `${bytes(total.received_bytes)} in` },
    ...(total.unsent > 0 ? [{ label: "Not sent", value: count(total.unsent), note: "fell due" }] : []),
    ...(total.aborted > 0 ? [{ label: "Cut", value: count(total.aborted), note: "at the end" }] : []),
  ];
}

const criterionRow = ({ criterion, scope, status, observed, limit, unit, why }: CriterionReport) => ({
  status,
  mark: MARKS[status],
  criterion,
  scope,
  observed: quantity(observed, unit),
  limit: quantity(limit, unit),
  why,
});

const totalCells = (part: Totals): Cell[] => [
  cell(count(part.requests), part.requests),
  cell(count(part.failures), part.failures),
  cell(part.requests > 0 ? percent(part.error_rate) : ABSENT, part.error_rate),
  ...["mean", "p50", "p95", "p99", "max"].map((key) => cell(time(part.latency_ms[key]), part.latency_ms[key])),
  cell(rate(part.rps), part.rps),
];

const endpointRow = (endpoint: EndpointReport) => ({
  name: endpoint.name,
  service: endpoint.service,
  method: endpoint.method,
  tags: endpoint.tags ?? [],
  failed: endpoint.failures > 0,
  cells: totalCells(endpoint),
});

const hostRows = ({ endpoints }: Facts) =>
  endpoints.flatMap(({ name, service, hosts = [] }) =>
    hosts.map((each) => ({ name, service, host: each.host, failed: each.failures > 0, cells: totalCells(each) })),
  );

const phaseRow = ({ name, from_s, to_s, measured, total }: PhaseReport) => ({
  name,
  judged: measured ? "yes" : "no",
  time: `${plain(from_s, 1)} to ${plain(to_s, 1)} s`,
  cells: totalCells(total),
});

/** Kinds of failures beyond these are in the CSV: a page of them all would be read by nobody. */
const MOST_FAILURES = 200;
const LONGEST_ANSWER = 1000;

const since = (ms: number): Cell => cell(clock(ms / 1000), ms);

const failureRows = (failures: readonly FoundFailure[]) =>
  failures.slice(0, MOST_FAILURES).map((failure) => ({
    count: cell(count(failure.count), failure.count),
    outcome: failure.outcome,
    what: failure.what,
    hint: failure.hint,
    answers: failure.answers.map((answer) => bounded(answer, LONGEST_ANSWER)),
    name: failure.endpoint,
    first: since(failure.first),
    last: since(failure.last),
  }));

const slowestRows = ({ slowest, header }: RunResult) =>
  slowest.map(({ op, phase, at, latency, outcome, status }) => ({
    latency: cell(time(latency), latency),
    name: header.ops[op]?.name ?? ABSENT,
    phase: header.scenario.phases[phase]?.name ?? ABSENT,
    at: since(at),
    outcome,
    status,
  }));

/** Those of a kind one after the other, whenever their first value came. */
function byFamily(resources: Facts["resources"]): Facts["resources"] {
  const familyOf = ({ name }: { name: string }) => name.split(".")[0]!;
  const families = [...new Set(resources.map(familyOf))];
  return resources.toSorted((a, b) => families.indexOf(familyOf(a)) - families.indexOf(familyOf(b)));
}

const DIGITS = 4;

const resourceRows = ({ resources }: Facts) =>
  byFamily(resources).map(({ name, source, unit, samples, mean, max }) => ({
    name,
    parts: name.split(/(?<=[._])/),
    source,
    cells: [
      cell(count(samples.length), samples.length),
      ...[mean, max].map((value) => cell(quantity(Number(value.toPrecision(DIGITS)), unit), value)),
    ],
  }));

function metricRows({ endpoints, tasks = [], metrics = [] }: Facts) {
  const labels = endpointLabels(endpoints);
  const named = endpoints.map(({ metrics }, i) => ({ name: labels[i]!, metrics }));
  return [...named, ...tasks, ...metrics].flatMap(({ name, metrics }) =>
    Object.entries(metrics)
      .filter(([, spread]) => spread.count > 0)
      .map(([metric, spread]) => ({
        name,
        metric,
        cells: [
          cell(count(spread.count), spread.count),
          ...["mean", "p50", "p95", "p99", "max"].map((key) => {
            const value = spread[key] ?? null;
            return cell(quantity(value, spread.unit), value);
          }),
        ],
      })),
  );
}

function facts({ run_id, started_at, ended_at, ended, seed, drivers = {}, environment: at }: Facts) {
  const driven = Object.entries(drivers).map(([service, driver]) => `${service} ${driver}`);
  const git = [at.git_sha, at.git_branch].filter((part) => part !== null).join(" on ");
  return [
    ["Run", run_id],
    ["Started", started_at],
    ["Ended", `${ended_at} (${ended})`],
    ["Seed", String(seed)],
    ...(driven.length === 0 ? [] : [["Drivers", driven.join(", ")] as const]),
    ["Tenfold", at.tenfold],
    ["Commit", git === "" ? ABSENT : git],
    ["Node", at.node],
    ["System", `${at.os}, ${at.cpus} CPUs, ${bytes(at.memory_bytes)}`],
    ["CI", at.ci ?? ABSENT],
  ].map(([label, value]) => ({ label, value }));
}

const meanAndMax = (of: { mean: number; max: number } | null): string =>
  of === null ? ABSENT : `${plain(of.mean, 1)} % (at most ${plain(of.max, 1)} %)`;

const workerRow = ({ worker, cpu_percent, gc_percent, waiting_percent }: WorkerReport) => [
  `Worker ${worker}`,
  `CPU ${meanAndMax(cpu_percent)}, garbage collection ${meanAndMax(gc_percent)}, waiting for a core ${meanAndMax(waiting_percent)}`,
];

function generator({ generator }: Facts) {
  const { healthy, workers, lateness_ms, event_loop_delay_ms, cpu_percent, per_worker } = generator;
  return {
    healthy,
    rows: [
      ["Workers", String(workers)],
      ["Lateness p50, p99, max", [lateness_ms.p50, lateness_ms.p99, lateness_ms.max].map(time).join(", ")],
      ["Event-loop delay p99", time(event_loop_delay_ms.p99)],
      ["CPU mean, max", `${plain(cpu_percent.mean, 1)} %, ${plain(cpu_percent.max, 1)} % of a core`],
      ...per_worker.filter(({ cpu_percent: known }) => known !== null).map(workerRow),
    ].map(([label, value]) => ({ label, value })),
  };
}

/** Shapes are cut into many; the result file has all of them. */
const MOST_SEGMENTS = 100;

const shortened = (flow: Flow) =>
  flow.segments.length <= MOST_SEGMENTS
    ? flow
    : {
        ...flow,
        segments: [...flow.segments.slice(0, MOST_SEGMENTS), `and ${count(flow.segments.length - MOST_SEGMENTS)} more`],
      };

const LONGEST_CONFIG = 200_000;

/** The scenario as it ran, every default written out. */
function configText({ result: { header } }: Report): string {
  const scenario = { ...header.scenario, flows: header.scenario.flows.map(shortened) };
  const text = stringify(scenario, { aliasDuplicateObjects: false });
  return bounded(text, LONGEST_CONFIG).split("\n").map(terminal).join("\n");
}

const COLUMNS = ["Requests", "Failures", "Error rate", "Mean", "p50", "p95", "p99", "Max", "Rate"];
const METRIC_COLUMNS = ["Values", "Mean", "p50", "p95", "p99", "Max"];

const RESOURCE_COLUMNS = ["Seconds", "Mean", "Max"];

/** The page's content, and the facts that it was made from. */
export function pageOf(report: Report) {
  const told = shown(factsOf(report));
  const failures = foundFailures(report.result);
  return {
    told,
    page: {
      title: `${told.scenario}: ${report.verdict.toUpperCase()}`,
      scenario: told.scenario,
      description: told.description,
      verdict: report.verdict,
      mark: MARKS[report.verdict],
      verdictLine: terminal(verdictLine(report)),
      reason: verdictReason(report),
      started: told.started_at,
      tiles: tiles(told),
      criteria: told.criteria.map(criterionRow),
      columns: COLUMNS,
      endpoints: told.endpoints.map(endpointRow),
      hosts: hostRows(told),
      total: totalCells(told.total),
      phases: told.phases.map(phaseRow),
      failures: shown(failureRows(failures)),
      moreFailures: failures.length > MOST_FAILURES ? count(failures.length - MOST_FAILURES) : null,
      slowest: shown(slowestRows(report.result)),
      metricColumns: METRIC_COLUMNS,
      metrics: metricRows(told),
      resourceColumns: RESOURCE_COLUMNS,
      resources: resourceRows(told),
      notices: told.notices,
      beforeAfter: beforeAfter(report),
      sideBySide: sideBySide(report),
      facts: facts(told),
      generator: generator(told),
      config: configText(report),
    },
  };
}
