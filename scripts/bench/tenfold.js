/** Tenfold itself, as a user runs it: the built command with a config, everything on (schedule, measurement, checks, record). */
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { folder, here, root } from "./programs.js";
import { LIMIT_S } from "./runner.js";

const cli = join(root, "dist", "cli.js");
const help = () => execFileSync(process.execPath, [cli, "run", "--help"], { encoding: "utf8" });
let hasWorkers;
let files = 0;

const ANSWERED = 'checks: ["status == 200"]';
export const get = (port, more = "") =>
  `rest: { api: { host: "http://127.0.0.1:${port}", wait_for_ready: 0, ${more} endpoints: [ { path: /, ${ANSWERED} } ] } }`;
export const secureGet = (port, more = "") =>
  `rest: { api: { host: "https://127.0.0.1:${port}", tls: { verify: false }, wait_for_ready: 0, ${more} endpoints: [ { path: /, ${ANSWERED} } ] } }`;
export const post = (port, body, more = "") =>
  `rest: { api: { host: "http://127.0.0.1:${port}", wait_for_ready: 0, ${more} endpoints: [ { path: /, method: POST, body: '${body}', headers: { content-type: application/json }, ${ANSWERED} } ] } }`;
export const grpc = (port, method, channels, driver = "fast") => {
  const check = method === "Say" ? 'checks: ["$.text == hello"]' : "";
  const proto = JSON.stringify(join(here, "echo.proto"));
  return `grpc: { echo: { host: "127.0.0.1:${port}", driver: ${driver}, proto: ${proto}, wait_for_ready: 0, channels: ${channels}, calls: [ { method: bench.Echo/${method}, message: { text: hello }, ${check} } ] } }`;
};
export const websocket = (port, more = "") =>
  `websocket: { chat: { host: "ws://127.0.0.1:${port}", path: /, wait_for_ready: 0, ${more} messages: [ { send: { type: text, text: "hello hello hello hello hello 12" }, reply: next } ] } }`;

/** The command that runs `services` under `load` (keys of a scenario), and where its JSON report will lie. Phases have durations of their own: null. `more`: further lines of the config; `asked`: further flags. */
export function tenfold(services, load, { workers = 1, duration = LIMIT_S, more = "", asked = [] } = {}) {
  hasWorkers ??= help().includes("--workers");
  const file = join(folder, `tenfold${files++}.yaml`);
  const text = `services: { ${services} }
${more}
scenarios: { bench: { ${load}, ${duration === null ? "" : `duration: ${duration}s,`} max_in_flight: 50000 } }
reports: { format: [json], keep: 1 }
`;
  writeFileSync(file, text);
  const output = file.replace(".yaml", "");
  const flags = [
    "--config",
    file,
    "--output-dir",
    output,
    "--quiet",
    ...asked,
    ...(hasWorkers ? ["--workers", String(workers)] : []),
  ];
  const report = () => JSON.parse(readFileSync(fileIn(output, /load_report_.*\.json$/), "utf8"));
  const timeline = () => fileIn(output, /timeline\.jsonl$/);
  return { command: [process.execPath, cli, "run", ...flags], report, timeline };
}

/** The path of what a run wrote under its folder. */
const fileIn = (output, name) =>
  join(
    output,
    readdirSync(output, { recursive: true }).find((each) => name.test(each)),
  );

/** As many users at once as there are connections, with no pause between their calls. */
export const flatOut = (users) => `users: ${users}, think_time: 0`;
