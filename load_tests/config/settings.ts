/** The file's `metrics` and `reports`, every default written out. */
import { isDeepStrictEqual } from "node:util";
import type { ReportSettings, RequestLogSettings } from "../core/model.ts";
import type { Path } from "./document.ts";
import type { Draft } from "./draft.ts";
import type { Flags } from "./flags.ts";
import { FORMATS, METADATA_FORMAT } from "./formats.ts";
import type { MetricsConfig, ReportsConfig } from "./schema.ts";

/** `own` are the formats of plug-ins. */
export function reportSettings(
  reports: ReportsConfig,
  metrics: MetricsConfig,
  { flags, own }: { readonly flags: Flags; readonly own: readonly string[] },
): ReportSettings {
  const written = typeof reports.format === "string" ? [reports.format] : reports.format;
  return {
    outputDir: flags.outputDir ?? reports.output_dir ?? "reports",
    formats: flags.format ?? written ?? [...FORMATS, ...own],
    charts: reports.include_charts ?? true,
    comparisonBaseline: reports.comparison_baseline ?? "baseline",
    keep: reports.keep ?? null,
    percentiles: metrics.latency?.percentiles ?? [50, 75, 90, 95, 99],
    throughputWindow: metrics.throughput?.window ?? 10_000,
  };
}

const LOG: Path = ["reports", "request_log"];
const PLAIN_NAME = /^[A-Za-z0-9_][\w.-]{0,99}$/;

/** Null where no log of requests is asked for. What of it stands in variables is taken as they have it: `007` stays so. */
export function requestLogSettings(
  { request_log: written, format }: ReportsConfig,
  draft: Draft,
): RequestLogSettings | null {
  const { logRequests, format: flagged } = draft.request.flags;
  const asked = logRequests === true || [flagged ?? format].flat().includes(METADATA_FORMAT);
  if (written === undefined || typeof written === "boolean")
    return written === true || asked ? { dir: null, runId: null } : null;
  const textOf = (key: "dir" | "run_id"): string | null =>
    draft.tree.substitutions.find(({ path }) => isDeepStrictEqual(path, [...LOG, key]))?.text ??
    (written[key] == null ? null : String(written[key]));
  const runId = textOf("run_id") || null;
  if (runId !== null && !PLAIN_NAME.test(runId))
    draft.reportAt([...LOG, "run_id"], `expected a plain name of letters, digits, _, . and -, found "${runId}"`);
  return { dir: textOf("dir") || null, runId };
}

/** Share of failures that the default criterion allows. */
export const errorThreshold = (metrics: MetricsConfig): number => metrics.error_rate?.threshold ?? 0.01;
