/** `npm run bench`: Tenfold's whole engine beside the bare libraries, in one run, alternating, as ratios. */
import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { availableParallelism, cpus } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildIfStale } from "./build.js";

const here = join(dirname(fileURLToPath(import.meta.url)), "bench");
const number = (name, fallback) => Number(process.env[name] ?? fallback);
const ROUNDS = number("BENCH_ROUNDS", 5);
const SECONDS = number("BENCH_SECONDS", 4);
const LINES = [
  { us: "tenfold http", peers: ["undici dispatch", "undici request"] },
  { us: "tenfold grpc", peers: ["grpc-js"] },
];
const ALL = LINES.flatMap(({ us, peers }) => [us, ...peers]);

/** A process on one core alone, where taskset is there and there are two. */
function pinned(core, command) {
  if (availableParallelism() < 2) return command;
  try {
    execFileSync("taskset", ["-c", "0", "true"], { stdio: "ignore" });
    return ["taskset", "-c", String(core), ...command];
  } catch {
    return command;
  }
}

function startServer() {
  const [file, ...args] = pinned(0, [process.execPath, join(here, "server.js")]);
  const child = spawn(file, args, { stdio: ["ignore", "inherit", "inherit", "ipc"] });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("message", (ports) => resolve({ child, ports }));
  });
}

function measure(name, ports) {
  const [file, ...args] = pinned(1, [
    process.execPath,
    join(here, "client.js"),
    name,
    JSON.stringify(ports),
    String(SECONDS),
  ]);
  return JSON.parse(execFileSync(file, args, { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] }));
}

const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];

function summary(rows) {
  const of = (name, key) => median(rows.filter((row) => row.name === name).map((row) => row[key]));
  return Object.fromEntries(
    ALL.map((name) => [
      name,
      Object.fromEntries(["per_second", "cpu_us", "rss_mb"].map((key) => [key, of(name, key)])),
    ]),
  );
}

function print(medians) {
  const cell = (text, width) => String(text).padStart(width);
  console.log(
    `\n${"".padEnd(18)}${cell("calls/s", 10)}${cell("CPU us/call", 13)}${cell("peak RSS MB", 13)}   ratio to the bare library`,
  );
  for (const { us, peers } of LINES) {
    for (const name of [us, ...peers]) {
      const { per_second, cpu_us, rss_mb } = medians[name];
      const ratio = (key, up) =>
        (up ? medians[us][key] / medians[name][key] : medians[name][key] / medians[us][key]).toFixed(2);
      const against =
        name === us
          ? ""
          : `   ${ratio("per_second", true)} in calls/s, ${ratio("cpu_us", false)} in calls per CPU second`;
      console.log(
        `${name.padEnd(18)}${cell(per_second.toFixed(0), 10)}${cell(cpu_us.toFixed(1), 13)}${cell(rss_mb.toFixed(0), 13)}${against}`,
      );
    }
  }
}

await buildIfStale();
const { child, ports } = await startServer();
const rows = [];
for (let round = 1; round <= ROUNDS; round++) {
  for (const name of round % 2 === 1 ? ALL : ALL.toReversed()) {
    rows.push({ round, name, ...measure(name, ports) });
    console.log(`round ${round}  ${name.padEnd(18)} ${rows.at(-1).per_second.toFixed(0)}/s`);
  }
}
child.disconnect();
const medians = summary(rows);
print(medians);
mkdirSync("reports", { recursive: true });
const machine = { cpu: cpus()[0]?.model, cores: availableParallelism(), node: process.version };
writeFileSync(
  "reports/bench.json",
  `${JSON.stringify({ machine, rounds: ROUNDS, seconds: SECONDS, medians, rows }, null, 2)}\n`,
);
