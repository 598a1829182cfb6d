/** `comparison.html`: before and after in one file that needs no network. */
import Handlebars from "handlebars";
import type { Change, ComparedRuns, Drawing, RunReference } from "../core/comparison.ts";
import { terminal } from "../core/escape.ts";
import { changeText, groupsOf, headline, known, placeOf, sideNames } from "./comparison_words.ts";
import { quantity } from "./figures.ts";
import { beside, chartLibrary, inlineJson, policy } from "./inline.ts";

const cell = (text: string, sort: number | null) => ({ text, sort: sort ?? -1 });

const row = (change: Change) => ({
  endpoint: terminal(change.endpoint),
  service: change.service === null ? "" : terminal(change.service),
  metric: terminal(change.metric),
  cells: [
    cell(quantity(change.baseline, change.unit), change.baseline),
    cell(quantity(change.current, change.unit), change.current),
    cell(changeText(change), change.change ?? change.difference),
  ],
  verdict: change.verdict,
});

const run = (side: string, reference: RunReference) => {
  const { run_id, started_at, git_sha } = reference;
  const commit = git_sha === null ? "" : `commit ${git_sha}`;
  return { side, text: terminal([placeOf(reference), run_id, started_at, commit].filter(Boolean).join(", ")) };
};

const number = (value: number | null): number | null => (value === null ? null : Number(value.toPrecision(5)));

/** A run as the charts draw it, in few digits. */
const drawn = ({ run: { run_id, phase }, side, curve, distribution }: Drawing) => ({
  label: phase === undefined ? `${side} ${run_id.slice(0, 12)}` : terminal(`phase ${phase}`),
  side,
  t: curve.map(({ t }) => t),
  rps: curve.map(({ rps }) => number(rps)),
  p95: curve.map(({ p95 }) => number(p95)),
  failures: curve.map(({ failures }) => number(failures)),
  distribution: distribution.map(([latency, share]) => [number(latency), share]),
});

/** Differences beyond these are folded away. */
const MOST_AT_ONCE = 8;

export function comparisonPage({ comparison, drawings }: ComparedRuns): string {
  const [style, script, library] = [beside("report.css"), beside("comparison.client.js"), chartLibrary()];
  const sides = sideNames(comparison);
  const template = Handlebars.create().compile(beside("comparison.hbs"), { strict: true });
  return template({
    title: terminal(headline(comparison)),
    comparable: comparison.comparable,
    banner: comparison.verdict === "regressed" ? "fail" : comparison.verdict === "inconclusive" ? "unknown" : "pass",
    runs: [
      ...comparison.baseline.map((each) => run(sides[0], each)),
      ...comparison.current.map((each) => run(sides[1], each)),
    ],
    differences: comparison.differences.slice(0, MOST_AT_ONCE).map(terminal),
    moreDifferences: comparison.differences.slice(MOST_AT_ONCE).map(terminal),
    sides,
    phases: groupsOf(known(comparison.changes)).map(([name, changes]) => ({
      name: terminal(name),
      rows: changes.map(row),
    })),
    style,
    script,
    library,
    data: inlineJson(drawings.map(drawn)),
    policy: policy([script, library], style),
  });
}
