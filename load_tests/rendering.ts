/** Every report of a run that its config asks for, as files. */
import type { Report, Reporter, ReportFile } from "./core/plugin.ts";

export interface Rendered {
  readonly files: readonly ReportFile[];
  /** Why a format is missing, in sentences: one that cannot be made never takes the others with it. */
  readonly problems: readonly string[];
}

/** Renders the formats given, by default those that the run's config asks for. */
export async function renderReports(
  report: Report,
  reporters: readonly Reporter[],
  formats: readonly string[] = report.result.header.reports.formats,
): Promise<Rendered> {
  const files: ReportFile[] = [];
  const problems: string[] = [];
  for (const reporter of reporters) {
    if (reporter.format !== "always" && !formats.includes(reporter.format)) continue;
    try {
      files.push(...(await reporter.render(report)));
    } catch (error) {
      problems.push(`the ${reporter.format} report could not be made: ${(error as Error).message}`);
    }
  }
  return { files, problems };
}
