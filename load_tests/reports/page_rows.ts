/** The rows of the HTML page's tables: cells with what they are sorted by. */
import { bounded } from "../core/escape.ts";
import type { RunResult } from "../core/ledger.ts";
import type { CriterionReport, Facts, PhaseReport } from "./document.ts";
import type { EndpointReport } from "./endpoints.ts";
import { ABSENT, clock, count, percent, plain, quantity, rate, time } from "./figures.ts";
import type { FoundFailure } from "./found_failures.ts";
import { endpointLabels } from "./sections.ts";
import type { Totals } from "./totals.ts";
import { MARKS } from "./verdict.ts";

/** A cell of a sortable table: the text and what it is sorted by. */
export interface Cell {
  readonly text: string;
  readonly sort: string | number;
}

const cell = (text: string, sort: number | null | undefined): Cell => ({ text, sort: sort ?? -1 });

export const criterionRow = ({ criterion, scope, status, observed, limit, unit, why }: CriterionReport) => ({
  status,
  mark: MARKS[status],
  criterion,
  scope,
  observed: quantity(observed, unit),
  limit: quantity(limit, unit),
  why,
});

export const totalCells = (part: Totals): Cell[] => [
  cell(count(part.requests), part.requests),
  cell(count(part.failures), part.failures),
  cell(part.requests > 0 ? percent(part.error_rate) : ABSENT, part.error_rate),
  ...["mean", "p50", "p95", "p99", "max"].map((key) => cell(time(part.latency_ms[key]), part.latency_ms[key])),
  cell(rate(part.rps), part.rps),
];

export const endpointRow = (endpoint: EndpointReport) => ({
  name: endpoint.name,
  service: endpoint.service,
  method: endpoint.method,
  tags: endpoint.tags ?? [],
  failed: endpoint.failures > 0,
  cells: totalCells(endpoint),
});

export const hostRows = ({ endpoints }: Facts) =>
  endpoints.flatMap(({ name, service, hosts = [] }) =>
    hosts.map((each) => ({ name, service, host: each.host, failed: each.failures > 0, cells: totalCells(each) })),
  );

export const phaseRow = ({ name, from_s, to_s, measured, total }: PhaseReport) => ({
  name,
  judged: measured ? "yes" : "no",
  time: `${plain(from_s, 1)} to ${plain(to_s, 1)} s`,
  cells: totalCells(total),
});

/** Kinds of failures beyond these are in the CSV: a page of them all would be read by nobody. */
export const MOST_FAILURES = 200;
const LONGEST_ANSWER = 1000;

const since = (ms: number): Cell => cell(clock(ms / 1000), ms);

export const failureRows = (failures: readonly FoundFailure[]) =>
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

export const slowestRows = ({ slowest, header }: RunResult) =>
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

export const resourceRows = ({ resources }: Facts) =>
  byFamily(resources).map(({ name, source, unit, samples, mean, max }) => ({
    name,
    parts: name.split(/(?<=[._])/),
    source,
    cells: [
      cell(count(samples.length), samples.length),
      ...[mean, max].map((value) => cell(quantity(Number(value.toPrecision(DIGITS)), unit), value)),
    ],
  }));

export function metricRows({ endpoints, tasks = [], metrics = [] }: Facts) {
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
