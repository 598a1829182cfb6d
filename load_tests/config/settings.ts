/** The file's `metrics` and `reports`, every default written out. */
import type { ReportSettings } from "../core/model.ts";
import type { Flags } from "./flags.ts";
import { expectedWord, type Finding } from "./problem.ts";
import { FORMATS, type MetricsConfig, type ReportsConfig } from "./schema.ts";

/** Formats of `--format` that are none. */
export const formatFindings = ({ format = [] }: Flags): Finding[] =>
  format
    .filter((each) => !(FORMATS as readonly string[]).includes(each))
    .map((each) => ({
      place: { flag: `--format ${each}` },
      message: `no format is named \`${each}\`: ${expectedWord(each, FORMATS)}`,
    }));

export function reportSettings(reports: ReportsConfig, metrics: MetricsConfig, flags: Flags): ReportSettings {
  const written = typeof reports.format === "string" ? [reports.format] : reports.format;
  return {
    outputDir: flags.outputDir ?? reports.output_dir ?? "reports",
    formats: flags.format ?? written ?? FORMATS,
    charts: reports.include_charts ?? true,
    comparisonBaseline: reports.comparison_baseline ?? "baseline",
    keep: reports.keep ?? null,
    percentiles: metrics.latency?.percentiles ?? [50, 75, 90, 95, 99],
    throughputWindow: metrics.throughput?.window ?? 10_000,
  };
}

/** Share of failures that the default criterion allows. */
export const errorThreshold = (metrics: MetricsConfig): number => metrics.error_rate?.threshold ?? 0.01;
