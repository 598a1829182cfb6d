/** `analysis/summary.txt`: the run in plain text, the verdict first. */
import { terminal } from "../core/escape.ts";
import { defineReporter, type Report } from "../core/plugin.ts";
import { wrap } from "./columns.ts";
import { otherRunsLines } from "./comparison_lines.ts";
import { type Facts, factsOf, type PhaseReport } from "./document.ts";
import { bytes, count, percent, plain, rate, time } from "./figures.ts";
import type { Look } from "./paint.ts";
import {
  criteriaLines,
  endpointLines,
  failureLines,
  failuresCell,
  metricLines,
  noticeLines,
  span,
  taskLines,
} from "./sections.ts";
import { table } from "./table.ts";
import { verdictLine, verdictReason } from "./verdict.ts";

const LOOK: Look = { width: 100, color: false };

function runLines(facts: Facts): string[] {
  const { total } = facts;
  const unsent = total.unsent > 0 ? `, ${count(total.unsent)} due and not sent` : "";
  const aborted = total.aborted > 0 ? `, ${count(total.aborted)} cut at the end` : "";
  return [
    `Scenario   ${facts.scenario}${facts.description === "" ? "" : `: ${facts.description}`}`,
    `Run        ${facts.run_id}, seed ${facts.seed}, ${facts.started_at} for ${span(facts.duration_s)} (${facts.ended})`,
    `Requests   ${count(total.requests)} (${rate(total.rps)}), ${count(total.failures)} failed (${percent(total.error_rate)})${unsent}${aborted}`,
    `Latency    p50 ${time(total.latency_ms.p50)}, p95 ${time(total.latency_ms.p95)}, p99 ${time(total.latency_ms.p99)}, max ${time(total.latency_ms.max)}`,
    `Bytes      ${bytes(total.sent_bytes)} sent, ${bytes(total.received_bytes)} received`,
  ].flatMap((line) => wrap(terminal(line), LOOK.width));
}

const phaseRow = ({ name, from_s, to_s, measured, total }: PhaseReport): string[] => [
  terminal(name),
  `${plain(from_s, 1)} s`,
  `${plain(to_s, 1)} s`,
  measured ? "yes" : "no",
  count(total.requests),
  failuresCell(total),
  time(total.latency_ms.p95),
  rate(total.rps),
];

function phaseLines(phases: readonly PhaseReport[]): string[] {
  const right = ["From", "To", "Judged", "Requests", "Failures", "p95", "Rate"];
  const columns = [{ title: "Phase", elastic: true }, ...right.map((title) => ({ title, align: "right" as const }))];
  return table(columns, phases.map(phaseRow), LOOK.width);
}

function generatorLines({ generator, environment: at }: Facts): string[] {
  const { lateness_ms, event_loop_delay_ms, cpu_percent } = generator;
  const git =
    at.git_sha === null ? "" : `, commit ${at.git_sha}${at.git_branch === null ? "" : ` of ${at.git_branch}`}`;
  const lines = [
    `${generator.healthy ? "Healthy" : "NOT HEALTHY: it could not keep up, so its latencies are not the service's"}`,
    `Lateness p50 ${time(lateness_ms.p50)}, p99 ${time(lateness_ms.p99)}, max ${time(lateness_ms.max)}; event-loop delay p99 ${time(event_loop_delay_ms.p99)}, CPU mean ${plain(cpu_percent.mean, 1)} %, max ${plain(cpu_percent.max, 1)} % of a core`,
    `Tenfold ${at.tenfold}, Node ${at.node}, ${at.os}, ${at.cpus} CPUs, ${bytes(at.memory_bytes)} memory${git}`,
  ];
  return lines.flatMap((line) => wrap(terminal(line), LOOK.width));
}

const section = (title: string, lines: readonly string[]): string[] =>
  lines.length === 0 ? [] : ["", title, "-".repeat(title.length), ...lines];

export function summaryText(report: Report): string {
  const facts = factsOf(report);
  const lines = [
    terminal(verdictLine(report)),
    verdictReason(report),
    "",
    ...runLines(facts),
    ...section("Criteria", criteriaLines(facts.criteria, LOOK)),
    ...section("Endpoints", endpointLines(facts, LOOK)),
    ...section("Tasks", taskLines(facts, LOOK)),
    ...section("Metrics", metricLines(facts, LOOK)),
    ...otherRunsLines(report, LOOK),
    ...section("Failures", failureLines(facts, LOOK, 20)),
    ...section("Phases", phaseLines(facts.phases)),
    ...section("Notices", noticeLines(facts.notices, LOOK)),
    ...section("Load generator", generatorLines(facts)),
  ];
  return lines.map((line) => `${line.trimEnd()}\n`).join("");
}

export const summary = defineReporter({
  format: "always",
  render: (report) => [{ path: "analysis/summary.txt", content: summaryText(report) }],
});
