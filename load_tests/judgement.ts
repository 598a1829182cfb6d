/** Judges a run by its scenario's criteria: each second where one may abort it, and all of them at its end. */
import { beside, throughputOf } from "./compare/baseline.ts";
import { Ledger } from "./core/ledger.ts";
import type { CriterionSpec, Ended, Ms, Notice, OpInfo, ReportSettings, RunHeader, Scenario } from "./core/model.ts";
import type { Criterion, JudgeContext, Report } from "./core/plugin.ts";
import type { Reading } from "./core/resource.ts";
import type { Snapshot } from "./core/snapshot.ts";
import type { PhaseStart } from "./core/stages.ts";
import { counted } from "./criteria/amount.ts";
import { generatorHealth, healthAdvice } from "./criteria/health.ts";
import { abortCause, judgeAll, overall } from "./criteria/judge.ts";
import { watchesFor } from "./criteria/watch.ts";
import { findBaseline } from "./stored_runs.ts";

export interface Judgement {
  /** The scenario, without the criteria that need a baseline where there is none. */
  readonly scenario: Scenario;
  /** Null before `begin`. */
  readonly ledger: Ledger;
  begin(header: RunHeader): void;
  add(snapshot: Snapshot): void;
  phase(start: PhaseStart): void;
  resources(t: number, readings: readonly Reading[]): void;
  notice(notice: Notice): void;
  line(op: OpInfo): void;
  /** Whether a criterion with `abort: true` fails on the data up to `now`. */
  mustAbort(now: Ms): boolean;
  /** Adds what is known only at the end (a generator that was not healthy, calls cut), and gives it. */
  closingNotices(): Notice[];
  report(ended: Ended, duration: Ms, endedAt: string): Omit<Report, "stamp">;
}

const wantsBaseline = ({ sentence }: CriterionSpec): boolean => /\bbaseline\b/.test(sentence);

/** Finds the baseline that the criteria speak of; a default criterion without one is left out, and said. */
function withBaseline(scenario: Scenario, { comparisonBaseline, outputDir }: ReportSettings) {
  const wanted = scenario.criteria.some(wantsBaseline);
  const baseline = wanted ? findBaseline(comparisonBaseline, outputDir) : null;
  const left = scenario.criteria.filter(
    (spec) => baseline === null && wantsBaseline(spec) && spec.origin !== "scenario",
  );
  const notices = left.map(({ sentence }): Notice => {
    const where = `${comparisonBaseline} has no completed result in ${outputDir}`;
    return { kind: "not-judged", text: `"${sentence}" is not judged: ${where}; run that scenario first` };
  });
  const kept = scenario.criteria.filter((spec) => !left.includes(spec));
  return { scenario: { ...scenario, criteria: kept, notices: [...scenario.notices, ...notices] }, baseline };
}

export function startJudgement(planned: Scenario, reports: ReportSettings, criteria: readonly Criterion[]): Judgement {
  const { scenario, baseline } = withBaseline(planned, reports);
  const mayAbort = scenario.criteria.some(({ abort }) => abort);
  let ledger: Ledger | null = null;
  let watched: ReturnType<typeof watchesFor> | null = null;
  const before = baseline?.report.result ?? null;
  const judgedBy: JudgeContext["baseline"] =
    before === null ? null : { throughput: throughputOf(before), runId: before.header.runId };
  const bench = () => ({
    plugins: criteria,
    baseline: judgedBy,
    watchedBy: (spec: CriterionSpec) => watched?.watchedBy(spec) ?? null,
  });
  return {
    scenario,
    get ledger() {
      return ledger!;
    },
    begin: (header) => {
      watched = watchesFor(scenario.criteria, criteria, header.ops);
      ledger = new Ledger(header, watched.watches);
    },
    add: (snapshot) => ledger!.add(snapshot),
    phase: (start) => ledger!.phase(start),
    resources: (t, readings) => ledger!.resources(t, readings),
    notice: (notice) => ledger!.notice(notice),
    line: (op) => ledger!.line(op),
    mustAbort: (now) =>
      mayAbort && abortCause(scenario.criteria, ledger!.result("completed", now, ""), bench()) !== null,
    closingNotices: () => {
      const notices = closing(ledger!);
      for (const notice of notices) ledger!.notice(notice);
      return notices;
    },
    report: (ended, duration, endedAt) => {
      const result = ledger!.result(ended, duration, endedAt);
      const verdicts = judgeAll(scenario.criteria, result, bench());
      const { healthy } = generatorHealth(result);
      const scaledFrom = before === null ? null : beside(before, result);
      return { result, verdicts, ...overall(verdicts, result), generatorHealthy: healthy, beside: scaledFrom };
    },
  };
}

const HIGH_CPU = 80;

function closing(ledger: Ledger): Notice[] {
  const result = ledger.result("completed", ledger.header.scenario.duration, "");
  const { healthy, reasons } = generatorHealth(result);
  const notices: Notice[] = [];
  if (!healthy)
    notices.push({
      kind: "generator-saturated",
      text: `The generator was not healthy: ${reasons.join("; ")}; ${healthAdvice(result)}`,
    });
  else if (result.cpu.mean > HIGH_CPU * result.header.workers)
    notices.push({
      kind: "generator-saturated",
      text: `The generator used ${Math.round(result.cpu.mean)} % of a core, with ${counted(result.header.workers, "worker")}`,
    });
  const cut = result.seconds.reduce((sum, second) => sum + second.aborted, 0);
  if (cut > 0)
    notices.push({
      kind: "cut-at-end",
      text: `${cut} calls were open at the end and were cut: neither ok nor failures`,
    });
  return notices;
}
