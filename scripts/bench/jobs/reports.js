/** How long the reports of half an hour with 100 endpoints take, and how much memory. */
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { here } from "../programs.js";

const MINUTES = 30;
const ENDPOINTS = 100;

function run() {
  const script = join(here, "reports.js");
  console.log("reports: a timeline is made up first");
  const text = execFileSync(process.execPath, [script, String(MINUTES), String(ENDPOINTS)], { encoding: "utf8" });
  const told = text.match(/: ([\d.]+) s, ([\d.]+) s of CPU, peak RSS ([\d.]+) MB/);
  if (told === null) throw new Error(`no figures in ${JSON.stringify(text)}`);
  const [seconds, cpu, rss_mb] = told.slice(1).map(Number);
  const name = `${MINUTES} min, ${ENDPOINTS} endpoints`;
  return [{ job: "reports", kind: "all formats", name, round: 1, seconds, cpu, rss_mb }];
}

const columns = () => [
  ["", ({ name }) => name],
  ["seconds", ({ seconds }) => seconds],
  ["of CPU", ({ cpu }) => cpu],
  ["peak RSS MB", ({ rss_mb }) => rss_mb],
];

export const reports = { title: "Reports from the timeline of a run", run, columns };
