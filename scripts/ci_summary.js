/** Writes the job summary of a CI run from the newest reports, and an annotation for each criterion that did not pass. */
import { appendFileSync, existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

const REPORTS = process.env.REPORTS_DIR || "reports";
/** GitHub takes 1 MiB a step. */
const MOST = 1_000_000;

const read = (path) => (existsSync(path) ? readFileSync(path, "utf8") : null);
/** Text of an annotation: its line must end where it ends. */
const data = (text) => text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
const property = (text) => data(text).replaceAll(":", "%3A").replaceAll(",", "%2C");

/** The newest run of each scenario, in the order in which they ran. */
function newestRuns() {
  if (!existsSync(REPORTS)) return [];
  return readdirSync(REPORTS)
    .map((scenario) => ({ scenario, name: read(join(REPORTS, scenario, "latest"))?.trim() ?? "" }))
    .filter(({ name }) => /^\d{8}_\d{6}(_\d+)?$/.test(name))
    .map(({ scenario, name }) => ({ scenario, name, folder: join(REPORTS, scenario, name) }))
    .filter(({ folder }) => existsSync(folder) && statSync(folder).isDirectory())
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

function summaryOf({ folder }) {
  const markdown = read(join(folder, "summary.md"));
  if (markdown !== null) return markdown;
  const text = read(join(folder, "analysis", "summary.txt")) ?? "No summary was written.";
  return `\`\`\`\`text\n${text.replaceAll("````", "'''' ")}\n\`\`\`\`\n`;
}

function annotate({ scenario, name, folder }) {
  const text = read(join(folder, `load_report_${name}.json`));
  if (text === null) return;
  for (const { criterion, scope, status, why } of JSON.parse(text).criteria) {
    if (status === "pass") continue;
    const level = status === "fail" ? "error" : "warning";
    const title = property(`${scenario}: ${status}: ${criterion} (${scope})`);
    console.log(`::${level} title=${title}::${data(why)}`);
  }
}

const runs = newestRuns();
const summary =
  runs.length === 0
    ? "No load test left a report: the log of the step before says why.\n"
    : runs.map((run) => `${summaryOf(run)}\n${read(join(run.folder, "comparison.md")) ?? ""}`).join("\n");
const target = process.env.GITHUB_STEP_SUMMARY;
if (target) appendFileSync(target, summary.slice(0, MOST));
else console.log(summary);
for (const run of runs) annotate(run);
