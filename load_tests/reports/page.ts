/** What the HTML page shows, in words: everything is text, and safe of control characters, before it meets the template. */
import { terminal } from "../core/escape.ts";
import type { Report } from "../core/plugin.ts";
import { type Facts, factsOf } from "./document.ts";
import { bytes, count, percent, rate, time } from "./figures.ts";
import { foundFailures } from "./found_failures.ts";
import { beforeAfter, sideBySide } from "./other_runs.ts";
import {
  criterionRow,
  endpointRow,
  failureRows,
  hostRows,
  MOST_FAILURES,
  metricRows,
  phaseRow,
  resourceRows,
  slowestRows,
  totalCells,
} from "./page_rows.ts";
import { configText, facts, generator } from "./page_run.ts";
import { span } from "./sections.ts";
import { MARKS, verdictLine, verdictReason } from "./verdict.ts";

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
