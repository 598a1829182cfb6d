/** Statistics of times: percentiles, mean and maximum. */
import type { Histogram } from "../core/histogram.ts";
import { FEW } from "./finding.ts";

/** A ratio in 0..1 for percentiles. */
export type Statistic = number | "mean" | "max";

/** `total`: of counters of users' own code. */
export type OwnStatistic = Statistic | "total";

export const STATISTIC = /^(?:p\d+(?:\.\d+)?|mean|max)$/;

/** Throws an Error where the text is no statistic. */
export function statisticOf(text: string): Statistic {
  if (text === "mean" || text === "max") return text;
  const percent = STATISTIC.test(text) ? Number(text.slice(1)) : Number.NaN;
  if (percent > 0 && percent < 100) return Number((percent / 100).toPrecision(12));
  throw new Error(`expected mean, max or a percentile between p0 and p100, such as p95 or p99.9, found "${text}"`);
}

export const statisticName = (statistic: OwnStatistic): string =>
  typeof statistic === "number" ? `p${Number((statistic * 100).toPrecision(12))}` : statistic;

/** Fewest samples that can show with 95 % confidence that a percentile is below a limit: ln .05 / ln p, 20 or more. */
export function samplesFor(statistic: OwnStatistic): number {
  if (statistic === "total") return 1;
  return typeof statistic === "number" ? Math.max(FEW, Math.ceil(Math.log(0.05) / Math.log(statistic))) : FEW;
}

/** The statistic of values that are not empty, in their unit. */
export function statisticIn(statistic: OwnStatistic, values: Histogram): number {
  if (statistic === "total") return values.sum;
  if (statistic === "mean") return values.mean!;
  return statistic === "max" ? values.max : values.percentile(statistic)!;
}
