/** What tools say of delays that the server knows better: lognormal, median 20 ms, p99 64 ms, at shares of each tool's own capacity. */
import { readFileSync } from "node:fs";
import { http, paced } from "../peers.js";
import { complete, measure, present, ROUNDS, rounds, SECONDS } from "../runner.js";
import { logOf, withServer } from "../servers.js";
import { flatOut, get, tenfold } from "../tenfold.js";

const MEDIAN_MS = 20;
const SIGMA = 0.5;
const LOADS = [0.1, 0.5, 0.8];
/** Long, since no tool's first second is like the rest and nothing is left out. */
const RUN_S = Math.max(3, SECONDS * 10);
/** Connections enough that the delays do not bound the rate: as many calls are under way as arrive in 60 ms. */
const lanes = (rate) => Math.ceil(rate * 0.06) + 20;
const WARM_UP_S = 5;
const json = (file) => JSON.parse(readFileSync(file, "utf8"));

function own(port) {
  const paced = (rate) => {
    const { command, report } = tenfold(get(port), `rate: ${rate}`, { duration: RUN_S });
    return { command, said: () => report().total.latency_ms };
  };
  return { name: "tenfold", flatOut: tenfold(get(port), flatOut(1000)), paced };
}

/** The same with a warm-up that does not count, as a config for a test in earnest has it. */
function ownWarm(port) {
  const phase = (name, rate, seconds) =>
    `{ name: ${name}, rate: ${rate}, duration: ${seconds}s, measured: ${name === "load"} }`;
  const paced = (rate) => {
    const phases = `phases: [ ${phase("warm", rate, WARM_UP_S)}, ${phase("load", rate, RUN_S - WARM_UP_S)} ]`;
    const { command, report } = tenfold(get(port), phases, { duration: null });
    return { command, said: () => report().phases[1].total.latency_ms };
  };
  return { ...own(port), name: `tenfold, ${WARM_UP_S} s of warm-up not counted`, paced };
}

function oha(port) {
  const make = (rate) => {
    const { output, ...made } = paced.oha(port, { rate, lanes: lanes(rate), seconds: RUN_S });
    const said = () => {
      const { p50, p99 } = json(output).latencyPercentiles;
      return { p50: p50 * 1000, p99: p99 * 1000 };
    };
    return { ...made, said };
  };
  return { name: "oha", tool: "oha", flatOut: http.oha(port, 4000), paced: make };
}

function k6(port) {
  const make = (rate) => {
    const { output, ...made } = paced.k6(port, { rate, lanes: lanes(rate), seconds: RUN_S });
    const said = () => {
      const { "p(50)": p50, "p(99)": p99 } = json(output).metrics.http_req_duration;
      return { p50, p99 };
    };
    return { ...made, said };
  };
  return { name: "k6", tool: "k6", flatOut: http.k6(port, 500), paced: make };
}

function locust(port) {
  const make = (rate) => {
    const { output, ...made } = paced.locust(port, { rate, lanes: lanes(rate), seconds: RUN_S });
    const said = () => {
      const [titles, ...lines] = readFileSync(`${output}_stats.csv`, "utf8").trim().split(/\r?\n/);
      const values = lines.at(-1).split(",");
      const value = (title) => Number(values[titles.split(",").indexOf(title)]);
      return { p50: value("50%"), p99: value("99%") };
    };
    return { ...made, said };
  };
  return { name: "Locust FastHttpUser", tool: "locust", flatOut: http.locust(port, 300, "FastHttpUser"), paced: make };
}

async function take({ tool, share, capacity }, server) {
  const rate = Math.max(1, Math.round(capacity * share));
  const { said, ...entry } = tool.paced(rate);
  await logOf(server);
  await complete(entry, RUN_S);
  const truth = await logOf(server);
  const { p50, p99 } = said();
  const errorOf = (value, right) => (value / right - 1) * 100;
  const errors = { p50_error: errorOf(p50, truth.p50), p99_error: errorOf(p99, truth.p99) };
  return { rate, arrived: truth.count / (rate * RUN_S), true_p50: truth.p50, p50, true_p99: truth.p99, p99, ...errors };
}

async function judge(server) {
  const tools = present([own, ownWarm, oha, k6, locust].map((make) => make(server.port)));
  const capacities = await rounds(tools, ({ flatOut: entry }) => measure(entry, server), 1);
  const entries = capacities.flatMap(({ name, per_second: capacity }) => {
    const tool = tools.find((each) => each.name === name);
    return LOADS.map((share) => ({ name: `${name}, ${share * 100} %`, tool, share, capacity }));
  });
  const rows = await rounds(entries, (entry) => take(entry, server), Math.min(1, ROUNDS));
  return rows.map((row) => ({ job: "yardstick", kind: "HTTP GET", ...row }));
}

const run = () => withServer("slow", [MEDIAN_MS, SIGMA], judge);

const columns = () => [
  ["load, of its own capacity", ({ name }) => name],
  ["arrivals/s", ({ rate }) => rate],
  ["arrived %", ({ arrived }) => arrived * 100],
  ["true p50 ms", ({ true_p50 }) => true_p50],
  ["said", ({ p50 }) => p50],
  ["error %", ({ p50_error }) => p50_error],
  ["true p99 ms", ({ true_p99 }) => true_p99],
  ["said", ({ p99 }) => p99],
  ["error %", ({ p99_error }) => p99_error],
];

export const yardstick = { title: `Percentiles said, beside the server's own log`, run, columns };
