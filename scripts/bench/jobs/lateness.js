/** How late calls start, by Tenfold's own record of each second, and how uneven they arrive, by the server's. */
import { CLIENT_CORE, SERVER_CORE } from "../machine.js";
import { parts } from "../parts.js";
import { measure, ROUNDS, rounds } from "../runner.js";
import { logOf, withServer } from "../servers.js";
import { get, tenfold } from "../tenfold.js";

const RATES = [1_000, 5_000, 10_000, 20_000];
/** What starts and compiles is over by then; the second is told apart. */
const STEADY_S = 10;
const MOST_ROUNDS = 3;
const PLACES = [
  { kind: "one core, all threads of the client on it", cores: CLIENT_CORE },
  { kind: "both cores, the server on one of them", cores: `${SERVER_CORE},${CLIENT_CORE}` },
];

const load = (rate) => `phases: [ { name: load, rate: ${rate}, duration: ${1 + STEADY_S}s } ]`;

/** Lateness of the first second, and of those after it together. */
async function latenessIn(timeline) {
  const { replayTimeline, mergeHistograms } = await parts();
  const seconds = [];
  const nothing = () => {};
  const second = ({ lateness }) => seconds.push(lateness);
  await replayTimeline(timeline, { header: nothing, resources: nothing, notice: nothing, line: nothing, second });
  const [first, ...steady] = seconds;
  return { first, steady: mergeHistograms(steady) };
}

async function take({ rate, cores }, server) {
  const { command, timeline } = tenfold(get(server.port), load(rate), { duration: null });
  await logOf(server);
  const outside = await measure({ command, cores }, server, { toEnd: true, seconds: STEADY_S - 1 });
  const { count, uneven } = await logOf(server, rate);
  const { first, steady } = await latenessIn(timeline());
  return {
    ...outside,
    sent: count / (rate * (STEADY_S + 1)),
    p50: steady.percentile(0.5),
    p99: steady.percentile(0.99),
    p999: steady.percentile(0.999),
    max: steady.max,
    first_p99: first.percentile(0.99),
    uneven,
  };
}

async function run() {
  const rows = [];
  for (const { kind, cores } of PLACES) {
    const entries = RATES.map((rate) => ({ name: `${rate.toLocaleString("en")}/s`, rate, cores }));
    const found = await withServer("slow", [0, 0], (server) =>
      rounds(entries, (entry) => take(entry, server), Math.min(ROUNDS, MOST_ROUNDS)),
    );
    rows.push(...found.map((row) => ({ job: "lateness", kind, ...row })));
  }
  return rows;
}

const columns = () => [
  ["the client has", ({ kind }) => kind],
  ["arrivals", ({ name }) => name],
  ["p50 ms", ({ p50 }) => p50],
  ["p99 ms", ({ p99 }) => p99],
  ["p99.9 ms", ({ p999 }) => p999],
  ["max ms", ({ max }) => max],
  ["p99 of the first second", ({ first_p99 }) => first_p99],
  ["arrivals' distance from even, p99 ms", ({ uneven }) => uneven],
  ["arrived %", ({ sent }) => sent * 100],
  ["CPU % of a core", ({ client_busy }) => client_busy * 100],
];

export const lateness = { title: `Lateness of even arrivals, in ${STEADY_S} s after the first`, run, columns };
