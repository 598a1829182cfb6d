/** Names of reports: `--format` and `reports.format`. */
import { expectedWord, type Finding } from "./problem.ts";

/** Written where nothing is said. */
export const FORMATS = ["html", "json", "csv", "png", "junit", "markdown"] as const;

/** Made of the log of requests while the run goes on: written only where it is asked for. */
export const METADATA_FORMAT = "function-metadata";

/** Formats of `--format` that are none; `own` are those of plug-ins. */
export function formatFindings(asked: readonly string[] = [], own: readonly string[] = []): Finding[] {
  const known = [...FORMATS, METADATA_FORMAT, ...own];
  return asked
    .filter((each) => !known.includes(each))
    .map((each) => ({
      place: { flag: `--format ${each}` },
      message: `no format is named \`${each}\`: ${expectedWord(each, known)}`,
    }));
}
