/** What the engine itself costs a call: schedule, measurement, checks and recording, with a client that answers at once. */
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { CLIENT_CORE, pinned } from "../machine.js";
import { here } from "../programs.js";
import { rounds } from "../runner.js";

const ENTRIES = [
  { name: "10 users", load: { users: 10 } },
  { name: "100 users", load: { users: 100 } },
  { name: "1,000 users", load: { users: 1000 } },
  { name: "100 users, two checks", load: { users: 100, check: true } },
  { name: "100 users, 1,000 endpoints", load: { users: 100, endpoints: 1000 } },
  { name: "20,000 arrivals a second", load: { rate: 20_000 } },
  { name: "1,000 users paced at 50 ms", load: { users: 1000, pacing: 50 } },
];

/** Room for what is allocated while it is counted: nothing is collected then. */
const ROOMY = ["--expose-gc", "--min-semi-space-size=128", "--max-semi-space-size=256"];

function bare(flags, load) {
  const [command, ...argv] = pinned(CLIENT_CORE, [
    "node",
    ...flags,
    join(here, "bare_engine.js"),
    JSON.stringify(load),
  ]);
  return JSON.parse(execFileSync(command, argv, { encoding: "utf8" }));
}

const take = ({ load }) => ({ ...bare([], load), ...bare(ROOMY, { ...load, bytes: true }) });

async function run() {
  const rows = await rounds(ENTRIES, take);
  return rows.map((row) => ({ job: "engine", kind: "answered at once", ...row }));
}

const columns = () => [
  ["", ({ name }) => name],
  ["calls/s", ({ per_second }) => per_second],
  ["ns of CPU a call", ({ ns }) => ns],
  ["bytes allocated a call", ({ bytes }) => bytes],
];

export const engine = { title: "The engine itself, its client answering at once", run, columns };
