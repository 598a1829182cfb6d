/** The verdict in words: `PASS (embedded: tts, llm)`. */
import type { Status } from "../core/model.ts";
import type { Report } from "../core/plugin.ts";
import type { Paint } from "./paint.ts";

/** Verdict of a run or status of a criterion. */
export type Judgement = Report["verdict"] | Status;

export const MARKS: Record<Judgement, string> = { pass: "✓", fail: "✗", unknown: "?", regressed: "✗" };
export const PAINTS: Record<Judgement, Paint> = { pass: "green", fail: "red", unknown: "yellow", regressed: "red" };

/** The verdict's line with the services that were stand-ins, whose numbers say nothing of the real ones. */
export function verdictLine(report: Report): string {
  const embedded = report.result.header.scenario.services.filter((service) => service.embedded);
  const names = [...new Set(embedded.map((service) => service.name))].join(", ");
  return `${report.verdict.toUpperCase()}${names === "" ? "" : ` (embedded: ${names})`}`;
}

const ENDED: Record<Report["result"]["ended"], string | null> = {
  completed: null,
  stopped: "The run was stopped before its end.",
  aborted: "The run was ended early by a criterion with abort: true.",
  failed: "The run broke off; what came before is shown.",
};

/** What the verdict rests on, in sentences. */
export function verdictReason({ verdicts, result, why }: Report): string {
  const number = (status: Status) => verdicts.filter((verdict) => verdict.status === status).length;
  const parts = (["fail", "unknown", "pass"] as const)
    .map((status) => ({ status, n: number(status) }))
    .filter(({ n }) => n > 0)
    .map(({ status, n }) => `${n} ${{ fail: "failed", unknown: "unknown", pass: "passed" }[status]}`);
  const criteria = parts.length === 0 ? "No criterion was judged." : `Criteria: ${parts.join(", ")}.`;
  const because = why === null ? null : `${why[0]!.toUpperCase()}${why.slice(1)}.`;
  const ended = result.ended === "failed" && because !== null ? "What came before is shown." : ENDED[result.ended];
  return [criteria, because, ended].filter((sentence) => sentence !== null).join(" ");
}
