/** The end of a run: what it comes to, its reports, and what is said of it. */
import { withComparison } from "./before_after.ts";
import { isEndless } from "./core/endless.ts";
import { terminal as inert } from "./core/escape.ts";
import type { Scenario } from "./core/model.ts";
import type { End, Underway } from "./drive.ts";
import { renderReports } from "./rendering.ts";
import { finalTable } from "./reports/console.ts";
import { type Outcome, pluginsOf, type RunSetup } from "./run_setup.ts";

const withProblem = (problem: string | null, exitCode: number): number => (problem === null ? exitCode : 1);

/** Whether only a stop ends it. */
const goesOn = ({ duration, flows }: Scenario): boolean =>
  isEndless(duration) && flows.some(({ iterations }) => iterations === undefined);

export async function finish(
  setup: RunSetup,
  { judgement, record, end, listening }: Pick<Underway, "judgement" | "record" | "listening"> & { end: End },
): Promise<Outcome> {
  const { terminal, before, scenario } = setup;
  const endedAt = new Date().toISOString();
  const heard = await listening.close();
  if (heard.problem !== null) terminal.log(inert(heard.problem));
  for (const told of judgement.closingNotices()) record.notice(told);
  record.end({ ended: end.ended, duration: end.at, endedAt });
  const judged = { ...judgement.report(end.ended, end.at, endedAt), stamp: record.folder?.stamp ?? "" };
  const compared = withComparison(judged, before.report);
  const report = end.ended === "stopped" && !goesOn(scenario) ? { ...compared, exitCode: 105 } : compared;
  const rendered =
    record.folder === null ? { files: [], problems: [] } : await renderReports(report, pluginsOf(setup).reporters);
  record.reports([...rendered.files, ...heard.files], report);
  for (const problem of rendered.problems) terminal.log(inert(problem));
  terminal.clear();
  terminal.print(finalTable(report, terminal).join("\n"));
  if (record.folder !== null) terminal.print(`\nReports: ${inert(record.folder.path)}`);
  const problem = record.problem() ?? heard.problem ?? rendered.problems[0] ?? null;
  return { exitCode: withProblem(problem, report.exitCode), report };
}
