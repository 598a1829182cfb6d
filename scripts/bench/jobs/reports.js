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
  const [, seconds, rss] = text.match(/: ([\d.]+) s .*peak RSS ([\d.]+) MB/) ?? [];
  const name = `${MINUTES} min, ${ENDPOINTS} endpoints`;
  return [{ job: "reports", kind: "all formats", name, round: 1, seconds: Number(seconds), rss_mb: Number(rss) }];
}

const columns = () => [
  ["", ({ name }) => name],
  ["seconds", ({ seconds }) => seconds],
  ["peak RSS MB", ({ rss_mb }) => rss_mb],
];

export const reports = { title: "Reports from the timeline of a run", run, columns };
