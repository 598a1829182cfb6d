/**
 * `node scripts/bench/reports.js [minutes endpoints]`: how long the reports of long runs take, and how much memory, from
 * a made-up timeline of 10,000 calls a second (or BENCH_RATE). Without arguments: half an hour and eight hours with 100 endpoints.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildParts, parts } from "./parts.js";

const here = fileURLToPath(import.meta.url);
const [first = "480", second = "100"] = process.argv.slice(2);

const RATE = Number(process.env.BENCH_RATE ?? 10_000);

const endpoints = (n) => Array.from({ length: n }, (_, i) => `GET /items/of/kind/${i}`);

/** Of calls over HTTP. */
const METRICS = [
  { name: "ttfb", unit: "ms" },
  { name: "receive", unit: "ms" },
  { name: "reused", unit: "ratio" },
  { name: "connect", unit: "ms" },
  { name: "redirects", unit: "" },
];

function headerOf(seconds, names) {
  const duration = seconds * 1000;
  const called = names.map((name) => ({ name, method: "GET", weight: 1, checks: [], settings: {} }));
  const service = {
    name: "api",
    protocol: "rest",
    role: null,
    host: "http://127.0.0.1:1",
    embedded: false,
    standIn: null,
    weight: 1,
    timeout: 30_000,
    connectTimeout: 10_000,
    waitForReady: 30_000,
    endpoints: called,
    settings: {},
  };
  const scenario = {
    name: "long",
    description: "",
    flows: [
      {
        drive: "arrivals",
        arrivals: "even",
        segments: [{ start: 0, duration, from: RATE, to: RATE }],
        think: { min: 0, max: 0 },
      },
    ],
    phases: [{ name: "hold", start: 0, duration, measured: true }],
    roles: null,
    services: [service],
    criteria: [],
    seed: 1,
    maxInFlight: 10_000,
    grace: 30_000,
    duration,
    notices: [],
  };
  return {
    format: 1,
    runId: "bench",
    startedAt: "2026-01-02T03:04:05.000Z",
    scenario,
    environment: {
      tenfold: "0",
      node: process.version,
      os: process.platform,
      cpus: 2,
      memory_bytes: 1,
      git_sha: null,
      git_branch: null,
      ci: null,
    },
    ops: names.map((name) => ({ service: "api", name, protocol: "rest", method: "GET", metrics: METRICS })),
    reports: {
      outputDir: "reports",
      formats: ["html", "json", "csv", "png", "junit", "markdown"],
      charts: true,
      comparisonBaseline: "baseline",
      percentiles: [50, 75, 90, 95, 99],
      throughputWindow: 10_000,
    },
    workers: 1,
  };
}

/** Draws from 0 to 1, the same each time. */
function randomFrom(seed) {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

/** One second of one endpoint as HTTP gives it: times with a long tail around the endpoint's own median, a hundredth over new connections. */
function secondOf(op, calls, { draw, Histogram, COUNTER, COUNTERS }) {
  const [latency, service, ttfb, receive, reused, connect, redirects] = Array.from(
    { length: 7 },
    () => new Histogram(),
  );
  const normal = () => Math.sqrt(-2 * Math.log(draw())) * Math.cos(2 * Math.PI * draw());
  const median = 5 * 1.03 ** op;
  for (let i = 0; i < calls; i++) {
    const first = median * Math.exp(0.5 * normal());
    const last = 0.06 * Math.exp(0.7 * normal());
    ttfb.record(first);
    receive.record(last);
    service.record(first + last);
    latency.record(first + last + 0.3 * draw());
    const fresh = draw() < 0.01;
    reused.record(fresh ? 0 : 1);
    if (fresh) connect.record(0.3 * Math.exp(0.5 * normal()));
  }
  const counts = COUNTERS.map(() => 0);
  counts[COUNTER.ok] = counts[COUNTER.items] = calls;
  counts[COUNTER["sent-bytes"]] = 91 * calls;
  counts[COUNTER["received-bytes"]] = 152 * calls;
  return { op, phase: 0, counts, latency, service, metrics: [ttfb, receive, reused, connect, redirects] };
}

const RESOURCES = ["generator.memory", "machine.cpu", "machine.steal", "machine.memory", "machine.sent", "target.cpu"];

/** A timeline as a run would leave it. */
async function write(file, seconds, names) {
  const { COUNTER, COUNTERS, Histogram, openTimeline } = await parts();
  const timeline = openTimeline(file, headerOf(seconds, names));
  const calls = Math.max(1, Math.round(RATE / names.length));
  const draw = randomFrom(1);
  for (let second = 0; second < seconds; second++) {
    const [from, to] = [second * 1000, (second + 1) * 1000];
    const series = names.map((_, op) => secondOf(op, calls, { draw, Histogram, COUNTER, COUNTERS }));
    const [lateness, loopDelay] = [new Histogram(), new Histogram()];
    for (let i = 0; i < RATE; i++) lateness.record(0.3 * draw());
    for (let i = 0; i < 100; i++) loopDelay.record(1 + draw());
    const slow = (i) => ({
      op: i % names.length,
      phase: 0,
      at: to - i,
      latency: 800 - i,
      outcome: "ok",
      status: "200",
    });
    const slowest = Array.from({ length: 5 }, (_, i) => slow(i));
    timeline.second({ from, to, users: 0, inFlight: 300, cpu: 40, series, failures: [], slowest, lateness, loopDelay });
    const readings = RESOURCES.map((name) => ({ name, source: "made up", unit: "%", value: 50 + 10 * draw() }));
    timeline.resources(second + 1, readings);
  }
  timeline.end({ ended: "completed", duration: seconds * 1000, endedAt: "2026-01-02T03:34:05.000Z" });
}

/** Says at its end, on stderr, what a process took. */
const TELLS = `data:text/javascript,process.on("exit",()=>console.error("took "+JSON.stringify(process.resourceUsage())))`;

/** `tenfold report`: seconds of wall and CPU, MB at most. */
function report(folder) {
  const cli = fileURLToPath(new URL("../../dist/cli.js", import.meta.url));
  const started = performance.now();
  const { stderr } = spawnSync(process.execPath, ["--import", TELLS, cli, "report", folder]);
  const wall = (performance.now() - started) / 1000;
  const took = /took (.*)/.exec(String(stderr));
  if (took === null) throw new Error(`the report failed: ${stderr}`);
  const { maxRSS, userCPUTime, systemCPUTime } = JSON.parse(took[1]);
  return { wall, cpu: (userCPUTime + systemCPUTime) / 1e6, rss: maxRSS / 1024 };
}

function measure(minutes, number) {
  const folder = mkdtempSync(join(tmpdir(), "tenfold-reports-"));
  const file = join(folder, "timeline.jsonl");
  try {
    spawnSync(process.execPath, [here, "write", file, String(minutes * 60), String(number)], { stdio: "inherit" });
    const { wall, cpu, rss } = report(folder);
    const mb = (name) => (statSync(join(folder, name)).size / 1e6).toFixed(2);
    const named = readdirSync(folder).filter((name) => /^load_report_.*(html|json)$|timeline/.test(name));
    const sizes = named.map((name) => `${extname(name).slice(1)} ${mb(name)} MB`).join(", ");
    console.log(
      `${minutes} min, ${number} endpoints: ${wall.toFixed(1)} s, ${cpu.toFixed(1)} s of CPU, peak RSS ${rss.toFixed(0)} MB; ${sizes}`,
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

if (first === "write") await write(second, Number(process.argv[4]), endpoints(Number(process.argv[5])));
else {
  const { buildIfStale } = await import("../build.js");
  await buildIfStale();
  await buildParts();
  const cases =
    process.argv.length > 2
      ? [[Number(first), Number(second)]]
      : [
          [30, 100],
          [480, 100],
        ];
  for (const [minutes, number] of cases) measure(minutes, number);
}
