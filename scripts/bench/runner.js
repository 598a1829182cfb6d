/** One measurement: a client on its core, from outside, by what the server counted and what /proc says. */
import { setTimeout as sleep } from "node:timers/promises";
import { CLIENT_CORE, reading } from "./machine.js";
import { end, find, launch } from "./programs.js";

const number = (name, fallback) => Number(process.env[name] ?? fallback);
export const ROUNDS = number("BENCH_ROUNDS", 5);
export const SECONDS = number("BENCH_SECONDS", 2);
const WARM_UP_S = 1;
const FIRST_ANSWER_S = 20;
/** Time for what a client does after its load: to collect what is under way, to write its reports. */
const GRACE_S = 30;
/** How long a client is told to run: it is ended before, when its measurement is over. */
export const LIMIT_S = FIRST_ANSWER_S + WARM_UP_S + SECONDS + 20;
/** More of the client's core than this used by others, and a round is called disturbed. */
const FOREIGN = 0.05;

async function firstAnswer(program, server, before) {
  const started = performance.now();
  while ((await server.count()) <= before) {
    if (program.child.exitCode !== null) throw new Error(`it ended before the first answer: ${program.said()}`);
    if (performance.now() - started > FIRST_ANSWER_S * 1000)
      throw new Error(`no answer within ${FIRST_ANSWER_S} s: ${program.said()}`);
    await sleep(1);
  }
}

const sample = async (program, server) => ({ ...reading(program.pid), count: await server.count() });

/** Starts a client, and ends it and all that it started when `use` is done. */
async function running({ command, env, cores = CLIENT_CORE }, use) {
  const program = launch(command, { cores, env });
  try {
    return await use(program);
  } finally {
    end(program.child);
    await program.exited;
  }
}

async function ended(program, seconds) {
  const gaveUp = sleep(seconds * 1000, "gave up", { ref: false });
  const code = await Promise.race([program.exited, gaveUp]);
  if (code === "gave up") throw new Error(`it did not end within ${seconds} s: ${program.said()}`);
}

/** Requests a second and CPU a request between the end of the warm-up and `seconds` later; `toEnd` lets the client end by itself. */
export async function measure(entry, server, { seconds = SECONDS, warmUp = WARM_UP_S, toEnd = false } = {}) {
  const before = await server.count();
  return running(entry, async (program) => {
    await firstAnswer(program, server, before);
    await sleep(warmUp * 1000);
    const from = await sample(program, server);
    await sleep(seconds * 1000);
    const to = await sample(program, server);
    if (program.child.exitCode !== null) throw new Error(`it ended too early: ${program.said()}`);
    if (toEnd) await ended(program, GRACE_S);
    return between(from, to);
  });
}

/** Runs a client that ends by itself after about `seconds`. */
export const complete = (entry, seconds) => running(entry, (program) => ended(program, seconds + GRACE_S));

/** Peak memory of a client, in MB, by the time that it had each of these numbers of answers. */
export async function memoryByAnswers(entry, server, counts) {
  const before = await server.count();
  return running(entry, async (program) => {
    const peaks = [];
    for (const count of counts) {
      while ((await server.count()) - before < count) {
        if (program.child.exitCode !== null) throw new Error(`it ended too early: ${program.said()}`);
        await sleep(50);
      }
      peaks.push(reading(program.pid).peak);
    }
    return peaks;
  });
}

/** Seconds from the start of the process to its first answer. */
export async function untilFirstAnswer(entry, server) {
  const before = await server.count();
  const started = performance.now();
  return running(entry, async (program) => {
    await firstAnswer(program, server, before);
    return (performance.now() - started) / 1000;
  });
}

function between(from, to) {
  const wall = to.at - from.at;
  const requests = to.count - from.count;
  const [own, client, server] = ["own", "client", "server"].map((key) => to[key] - from[key]);
  return {
    per_second: requests / wall,
    cpu_us: (own / requests) * 1e6,
    core_us: (client / requests) * 1e6,
    client_busy: own / wall,
    server_busy: server / wall,
    disturbed: (client - own) / wall > FOREIGN ? 1 : 0,
    rss_mb: to.peak,
  };
}

const skipped = new Set();

export function skip(name, why) {
  if (!skipped.has(name + why)) console.log(`skipped: ${name}: ${why}`);
  skipped.add(name + why);
}

/** Those of the entries whose tool is installed; the others are said. */
export const present = (entries) =>
  entries.filter(({ name, tool }) => {
    if (tool === undefined || find(tool) !== null) return true;
    skip(name, "not installed (scripts/bench/install-peers.sh)");
    return false;
  });

/** Rounds of all entries, forwards and backwards in turn; one that fails is said and left out from then on. */
export async function rounds(entries, take, count = ROUNDS) {
  const rows = [];
  const broken = new Set();
  for (let round = 1; round <= count; round++) {
    for (const entry of round % 2 === 1 ? entries : entries.toReversed()) {
      if (broken.has(entry)) continue;
      try {
        rows.push({ round, name: entry.name, ...(await take(entry)) });
        const { per_second } = rows.at(-1);
        if (per_second !== undefined) console.log(`  round ${round}  ${entry.name}  ${per_second.toFixed(0)}/s`);
      } catch (error) {
        broken.add(entry);
        skip(entry.name, error.message);
      }
    }
  }
  return rows;
}

/** Clients one after the other against one server, in rounds. `kind` names the load, `entries` are {name, tool, command, env}. */
export async function contest({ job, kind, server, entries }) {
  console.log(`${job}: ${kind}`);
  const rows = await rounds(present(entries), (entry) => measure(entry, server));
  return rows.map((row) => ({ job, kind, ...row }));
}

/** Columns of contests; ratios are to the first entry of the kind. */
export const CONTEST = (all) => {
  const reference = ({ kind }) => all.find((row) => row.kind === kind);
  return [
    ["", ({ kind }) => kind],
    ["", ({ name }) => name],
    ["requests/s", ({ per_second }) => per_second],
    ["ratio to the first", (row) => row.per_second / reference(row).per_second],
    ["CPU us/request", ({ cpu_us }) => cpu_us],
    ["server's core", ({ server_busy }) => `${Math.round(server_busy * 100)} %`],
    ["peak RSS MB", ({ rss_mb }) => rss_mb],
    ["", ({ disturbed }) => (disturbed > 0 ? "~" : "")],
  ];
};
