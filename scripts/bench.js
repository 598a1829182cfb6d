/** `npm run bench [-- JOB...]`: Tenfold beside its peers, one job after the other, as tables of medians and as reports/bench.json. */
import { mkdirSync, writeFileSync } from "node:fs";
import { machine, obstacle } from "./bench/machine.js";
import { buildParts } from "./bench/parts.js";
import { versions } from "./bench/peers.js";
import { ROUNDS, SECONDS } from "./bench/runner.js";
import { medians, table } from "./bench/statistics.js";
import { buildIfStale } from "./build.js";

const JOBS = [
  "http",
  "grpc",
  "websocket",
  "scripted",
  "lateness",
  "yardstick",
  "memory",
  "workloads",
  "startup",
  "engine",
  "recording",
  "reports",
  "scaling",
];
const chosen = process.argv.length > 2 ? process.argv.slice(2) : JOBS;

function refuse(why) {
  console.error(why);
  process.exit(1);
}

const unknown = chosen.filter((name) => !JOBS.includes(name));
if (unknown.length > 0) refuse(`no job is called ${unknown.join(" or ")}: expected some of ${JOBS.join(", ")}`);
const why = obstacle();
if (why !== null) refuse(why);

/** A job that breaks is said; the others go on. */
async function rowsOf(name, job) {
  try {
    return await job.run();
  } catch (error) {
    console.log(`skipped: ${name}: ${error.message}`);
    return [];
  }
}

await buildIfStale();
await buildParts();
const about = { machine: machine(), rounds: ROUNDS, seconds: SECONDS, versions: versions() };
const started = performance.now();
const rows = [];
const results = [];
for (const name of chosen) {
  const { [name]: job } = await import(`./bench/jobs/${name}.js`);
  const found = await rowsOf(name, job);
  const middle = medians(found);
  rows.push(...found);
  results.push(...middle);
  const most = Math.max(...middle.map(({ rounds }) => rounds), 0);
  console.log(`\n${job.title} (medians of ${most})\n\n${table(job.columns(middle), middle).join("\n")}\n`);
}
if (results.some(({ disturbed }) => disturbed > 0))
  console.log(
    "~ another program used more than 5 % of the client's core in half of the rounds or more: trust no difference there.",
  );
mkdirSync("reports", { recursive: true });
writeFileSync("reports/bench.json", `${JSON.stringify({ ...about, medians: results, rows }, null, 2)}\n`);
console.log(`${((performance.now() - started) / 60_000).toFixed(1)} minutes; every round is in reports/bench.json`);
process.exit();
