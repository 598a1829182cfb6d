/** How far behind their due calls start, by Tenfold's own word, and how uneven they arrive, by the server's. */
import { measure, rounds, SECONDS } from "../runner.js";
import { logOf, withServer } from "../servers.js";
import { get, tenfold } from "../tenfold.js";

const RATES = [1_000, 5_000, 10_000, 20_000];
const MEASURED_S = Math.max(2, SECONDS);
const WARM_UP = "1s";

const phases = (rate) =>
  `phases: [ { name: warm, rate: ${rate}, duration: ${WARM_UP}, measured: false }, { name: load, rate: ${rate}, duration: ${MEASURED_S}s } ]`;

async function take(rate, server) {
  const { command, report } = tenfold(get(server.port), phases(rate), { duration: null });
  await logOf(server);
  const outside = await measure({ command }, server, { toEnd: true, seconds: MEASURED_S - 1 });
  const { count, uneven } = await logOf(server, rate);
  const { generator, phases: told } = report();
  const late = generator.lateness_ms;
  return {
    ...outside,
    sent: count / (rate * (MEASURED_S + 1)),
    counted: told[1].total.requests,
    p99: late.p99,
    p50: late.p50,
    uneven,
  };
}

async function run() {
  const entries = RATES.map((rate) => ({ name: `${rate.toLocaleString("en")}/s`, rate }));
  const rows = await withServer("slow", [0, 0], (server) => rounds(entries, ({ rate }) => take(rate, server)));
  return rows.map((row) => ({ job: "lateness", kind: "HTTP GET", ...row }));
}

const columns = () => [
  ["arrivals", ({ name }) => name],
  ["lateness p50 ms", ({ p50 }) => p50],
  ["p99 ms", ({ p99 }) => p99],
  ["arrivals' distance from even, p99 ms", ({ uneven }) => uneven],
  ["arrived %", ({ sent }) => sent * 100],
  ["client's core %", ({ client_busy }) => client_busy * 100],
  ["", ({ disturbed }) => (disturbed > 0 ? "~" : "")],
];

export const lateness = { title: "Lateness of even arrivals", run, columns };
