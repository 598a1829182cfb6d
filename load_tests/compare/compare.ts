/** Before and after: endpoint by endpoint, phase by phase, metric by metric. */
import type { Change, ComparedRuns, Comparison } from "../core/comparison.ts";
import type { RunResult } from "../core/ledger.ts";
import { differencesOf } from "./differences.ts";
import { drawingOf, referenceTo } from "./drawing.ts";
import { judgeChange, overallChange } from "./judge_change.ts";
import { ALL_ENDPOINTS, type Measure, measuresOf } from "./measures.ts";

type Values = Map<string, { readonly measure: Measure; readonly values: number[] }>;

const keyOf = ({ endpoint, service, phase, metric }: Measure): string =>
  [service, endpoint, phase, metric].join("\u0000");

function valuesOf(results: readonly RunResult[], percentiles: readonly number[]): Values {
  const values: Values = new Map();
  for (const measure of results.flatMap((result) => measuresOf(result, percentiles))) {
    const known = values.get(keyOf(measure)) ?? { measure, values: [] };
    if (measure.value !== undefined) known.values.push(measure.value);
    values.set(keyOf(measure), known);
  }
  return values;
}

/** Half way between the middle two where their number is even; null of none. */
function median(values: readonly number[]): number | null {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  if (sorted.length === 0) return null;
  return (sorted[Math.ceil(middle) - 1]! + sorted[Math.floor(middle)]!) / 2;
}

/** Six significant digits: finer than any histogram. */
const rounded = (value: number | null): number | null => (value === null ? null : Number(value.toPrecision(6)));

function changeOf({ measure, values }: { measure: Measure; values: number[] }, after: readonly number[]): Change {
  const { value: _, ...what } = measure;
  const [baseline, current] = [median(values), median(after)];
  const both = baseline !== null && current !== null;
  return {
    ...what,
    baseline: rounded(baseline),
    current: rounded(current),
    difference: both ? rounded(current - baseline) : null,
    change: both && baseline !== 0 ? rounded(current / baseline - 1) : null,
    ...judgeChange(values, after),
  };
}

const called = (values: Values): boolean =>
  [...values.values()].some(
    ({ measure, values: of }) => measure.endpoint === ALL_ENDPOINTS && measure.metric === "p50" && of.length > 0,
  );

/** Why runs cannot be compared at all; null where they can. */
function obstacle(before: Values, after: Values): string | null {
  if (!called(before)) return "no call ended in the baseline";
  if (!called(after)) return "no call ended in the current run";
  const common = [...before].some(([key, { measure }]) => measure.service !== null && after.has(key));
  return common ? null : "no endpoint was called in both";
}

/** Compares the runs of two sides; the measures are those that both sides have. */
export function compareRuns(baseline: readonly RunResult[], current: readonly RunResult[]): ComparedRuns {
  const results = [...baseline, ...current];
  const percentiles = results.flatMap(({ header }) => header.reports.percentiles);
  const [before, after] = [valuesOf(baseline, percentiles), valuesOf(current, percentiles)];
  const why = obstacle(before, after);
  const common = why === null ? [...before].filter(([key]) => after.has(key)) : [];
  const changes = common.map(([key, values]) => changeOf(values, after.get(key)!.values));
  const comparison: Comparison = {
    baseline: baseline.map(({ header }) => referenceTo(header)),
    current: current.map(({ header }) => referenceTo(header)),
    comparable: why === null,
    why,
    differences: differencesOf(results.map(({ header }) => header)),
    verdict: overallChange(changes),
    changes,
  };
  const drawings = [
    ...baseline.map((result) => drawingOf(result, "baseline")),
    ...current.map((result) => drawingOf(result, "current")),
  ];
  return { comparison, drawings };
}
