/** What the HTML page shows of other runs: before and after, and the run that this one's load is a multiple of. */
import type { Change, RunReference } from "../core/comparison.ts";
import { terminal } from "../core/escape.ts";
import type { Report } from "../core/plugin.ts";
import { changeText, HEADLINE_METRICS, headline, placeOf } from "./comparison_words.ts";
import { ABSENT, count, plain, quantity } from "./figures.ts";

/** More endpoints than these are in comparison.html, which has all phases and metrics too. */
const MOST_ENDPOINTS = 50;
const MOST_DIFFERENCES = 5;

/** Changes by endpoint, in their order: names may be the same in two services. */
function endpointsOf(changes: readonly Change[]): Change[][] {
  const rows = new Map<string, Change[]>();
  for (const change of changes) {
    const key = JSON.stringify([change.service, change.endpoint]);
    rows.set(key, [...(rows.get(key) ?? []), change]);
  }
  return [...rows.values()];
}

function changeCell(change: Change | undefined) {
  if (change === undefined) return { text: ABSENT, note: "", verdict: "" };
  const [before, after] = [change.baseline, change.current].map((value) => quantity(value, change.unit));
  const verdict = change.verdict === "inconclusive" ? "" : change.verdict;
  return { text: changeText(change), note: `${before} → ${after}`, verdict };
}

const changeRow = (changes: readonly Change[], metrics: readonly string[]) => ({
  name: terminal(changes[0]!.endpoint),
  service: terminal(changes[0]!.service ?? ""),
  cells: metrics.map((metric) => changeCell(changes.find((change) => change.metric === metric))),
});

const runText = (run: RunReference): string => {
  const { run_id, started_at, git_sha } = run;
  return terminal([placeOf(run), run_id, started_at, git_sha ?? ""].filter((part) => part !== "").join(", "));
};

const more = (all: number, shown: number): string | null => (all > shown ? count(all - shown) : null);

const COLUMNS: Record<string, string> = { throughput: "Throughput", error_rate: "Error rate" };

/** The first phase's headline measures, a row an endpoint; null where the run was compared with none. */
export function beforeAfter({ comparison: compared }: Report) {
  if (!compared) return null;
  const { changes, baseline, differences } = compared.comparison;
  const looked = changes.filter(
    ({ phase, metric }) => phase === changes[0]!.phase && HEADLINE_METRICS.includes(metric),
  );
  const metrics = HEADLINE_METRICS.filter((each) => looked.some(({ metric }) => metric === each));
  const rows = endpointsOf(looked);
  return {
    headline: terminal(headline(compared.comparison)),
    phase: terminal(changes[0]?.phase ?? ""),
    runs: baseline.map(runText),
    differences: differences.slice(0, MOST_DIFFERENCES).map(terminal),
    moreDifferences: more(differences.length, MOST_DIFFERENCES),
    columns: metrics.map((metric) => COLUMNS[metric] ?? metric),
    rows: rows.slice(0, MOST_ENDPOINTS).map((row) => changeRow(row, metrics)),
    moreRows: more(rows.length, MOST_ENDPOINTS),
  };
}

/** The two runs side by side; null where no criterion speaks of a baseline. */
export function sideBySide({ beside }: Report) {
  if (!beside) return null;
  return {
    scenario: terminal(beside.baseline.scenario),
    run: runText(beside.baseline),
    rows: beside.rows.map(({ metric, unit, baseline, current, ratio }) => ({
      metric: terminal(metric),
      ratio,
      cells: [quantity(baseline, unit), quantity(current, unit), ratio === null ? ABSENT : `${plain(ratio)}x`],
    })),
  };
}
