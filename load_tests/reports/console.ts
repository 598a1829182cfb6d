/** What a run says on the console: at its start, while it goes on (progress.ts), and at its end. */
import { isEndless } from "../core/endless.ts";
import { terminal } from "../core/escape.ts";
import type { Flow, Phase, RunHeader, Service } from "../core/model.ts";
import type { Report } from "../core/plugin.ts";
import { levelAt } from "../core/schedule.ts";
import { cut, wrap } from "./columns.ts";
import { otherRunsLines } from "./comparison_lines.ts";
import { type Facts, factsOf } from "./document.ts";
import { count, plain, rate, time } from "./figures.ts";
import { type Look, painted } from "./paint.ts";
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
import { type Column, table } from "./table.ts";
import { PAINTS, verdictLine, verdictReason } from "./verdict.ts";

export type { Look } from "./paint.ts";
export { type Live, progressFrame, progressLine } from "./progress.ts";

/** Highest level of a flow within a phase; levels are straight, so it is at an end of a segment or of the phase. */
function peak(flow: Flow, { start, duration }: Phase): number {
  const end = start + duration;
  const within = flow.segments
    .filter((segment) => segment.start < end && segment.start + segment.duration > start)
    .flatMap((segment) => [
      segment.start >= start ? segment.from : levelAt(flow.segments, start),
      segment.start + segment.duration <= end ? segment.to : levelAt(flow.segments, end),
    ]);
  return Math.max(0, ...within);
}

const peakText = (level: number, drive: Flow["drive"]): string =>
  `${plain(level)}${drive === "arrivals" ? "/s" : level === 1 ? " user" : " users"}`;

function phaseText(phase: Phase, flows: readonly Flow[]): string {
  const peaks = flows.map((flow) => peakText(peak(flow, phase), flow.drive));
  const counted = flows.every(({ iterations }) => iterations !== undefined);
  const length = isEndless(phase.duration) ? (counted ? "until done" : "until stopped") : span(phase.duration / 1000);
  return `${phase.name} ${length} up to ${peaks.join(" and ")}${phase.measured ? "" : ", not judged"}`;
}

const serviceText = ({ name, protocol, host, hosts = [host], embedded, driver }: Service): string =>
  `${name} (${protocol}${driver === undefined ? "" : `, ${driver} driver`}) at ${hosts.join(", ")}${embedded ? ", embedded" : ""}`;

/** What is about to run, against what. */
export function startLines(header: RunHeader, look: Look): string[] {
  const { scenario } = header;
  const title = `${scenario.name}${scenario.description === "" ? "" : `: ${scenario.description}`}`;
  const lines = [
    ...scenario.phases.map((phase, index) =>
      phaseText(
        phase,
        scenario.flows.filter((flow) => flow.phase === undefined || flow.phase === index),
      ),
    ),
    ...scenario.services.map(serviceText),
    `run ${header.runId}, seed ${scenario.seed}, ${header.workers === 1 ? "1 worker" : `${header.workers} workers`}`,
  ];
  return [
    painted(cut(terminal(title), look.width), "bold", look),
    ...lines.flatMap((line) => wrap(terminal(line), look.width - 2)).map((line) => `  ${line}`),
  ];
}

/** How late calls were started, and how busy this process was. */
function generatorLines({ generator }: Facts, look: Look): string[] {
  const { lateness_ms: late, cpu_percent: cpu, healthy } = generator;
  const lateness = [late.p50, late.p99, late.max].map(time).join(", ");
  const text = `Load generator: ${healthy ? "healthy" : "NOT HEALTHY"}; lateness p50, p99, max ${lateness}; CPU at most ${plain(cpu.max, 1)} % of a core`;
  return wrap(text, look.width).map((line) => painted(line, healthy ? "dim" : "yellow", look));
}

const block = (lines: readonly string[]): string[] => (lines.length === 0 ? [] : ["", ...lines]);

/** The end of a run: verdict, criteria, endpoints, failures and notices. */
export function finalTable(report: Report, look: Look): string[] {
  const facts = factsOf(report);
  const verdict = cut(terminal(`${facts.scenario}: ${verdictLine(report)}`), look.width);
  return [
    painted(verdict, PAINTS[report.verdict], look),
    ...wrap(verdictReason(report), look.width),
    ...block(criteriaLines(facts.criteria, look)),
    ...block(endpointLines(facts, look)),
    ...block(taskLines(facts, look)),
    ...block(metricLines(facts, look)),
    ...block(failureLines(facts, look, 5)),
    ...block(noticeLines(facts.notices, look)),
    ...block(generatorLines(facts, look)),
    ...otherRunsLines(report, look),
  ];
}

const RUN_COLUMNS: readonly Column[] = [
  { title: "Scenario", elastic: true },
  { title: "Verdict", elastic: true },
  ...["Requests", "Failures", "p95", "Rate", "Exit"].map((title) => ({ title, align: "right" as const })),
];

/** Several scenarios of one command in one table. */
export function summaryOfRuns(reports: readonly Report[], look: Look): string[] {
  const rows = reports.map((report) => {
    const { scenario, total } = factsOf(report);
    const words = [scenario, verdictLine(report)].map(terminal);
    const numbers = [count(total.requests), failuresCell(total), time(total.latency_ms.p95), rate(total.rps)];
    return [...words, ...numbers, String(report.exitCode)];
  });
  const [head, ...lines] = table(RUN_COLUMNS, rows, look.width);
  return [painted(head!, "dim", look), ...lines.map((line, i) => painted(line, PAINTS[reports[i]!.verdict], look))];
}
