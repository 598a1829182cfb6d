/**
 * The real engine in this process, its client answering at once: what a call costs beside its protocol. Usage:
 * node bare_engine.js '{"users": 100}'; prints JSON: nanoseconds of CPU and bytes allocated a call.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { parts } from "./parts.js";

const { clockFrom, epochNow, parseCheck, prepareGenerator, requests } = await parts();

const WARM_UP_S = 1.5;
/** Fewer than the young generation holds: heap that is used and not yet collected was allocated. */
const COUNTED_CALLS = 20_000;
/** Calls answered in one turn of the event loop. */
const A_TURN = 1000;
const DURATION = 600_000;

const METRICS = ["ttfb", "receive", "reused", "connect", "redirects"].map((name) => ({ name, unit: "ms" }));
const ANSWER = { status: "200", size: 46, header: () => "nginx", text: () => "{}", json: () => ({}) };

/** Answers in the order of the calls, as a fast service over HTTP would: the same words to the engine. */
function instantProtocol() {
  let waiting = [];
  let answered = 0;
  /** A turn is under way, or will come. */
  let isDue = false;
  const answer = (call) => {
    call.value(2, 1);
    call.mark(0);
    call.received(160);
    call.item();
    call.mark(1);
    call.end("ok", "200", ANSWER);
    answered++;
  };
  const turn = () => {
    for (let left = A_TURN; left > 0 && waiting.length > 0; ) {
      const calls = waiting;
      waiting = [];
      for (const call of calls) answer(call);
      left -= calls.length;
    }
    isDue = waiting.length > 0;
    if (isDue) setImmediate(turn);
  };
  const start = (_user, _values, call) => {
    call.sent(80);
    waiting.push(call);
    if (!isDue) setImmediate(turn);
    isDue = true;
  };
  const opOf = (endpoint) => ({
    ...{ name: endpoint.name, method: "GET", endpoint, firstItem: null, gap: null, extra: METRICS, start },
  });
  const client = ({ endpoints }) => ({ ops: endpoints.map(opOf), release: () => {}, close: async () => {} });
  return { kind: "instant", open: client, answered: () => answered };
}

function flowOf({ users, rate, pacing, think = 0 }) {
  const level = users ?? rate;
  const shape = {
    arrivals: "even",
    think: { min: think, max: think },
    segments: [{ start: 0, duration: DURATION, from: level, to: level }],
  };
  if (pacing !== undefined) return { drive: "users", ...shape, workload: "paced" };
  return { drive: users === undefined ? "arrivals" : "users", ...shape };
}

function scenarioOf({ endpoints = 1, check = false, ...load }) {
  const checks = check ? [parseCheck("status == 200"), parseCheck("header:server exists")] : [];
  const endpointOf = (_, i) => ({ name: `GET /${i}`, method: "GET", weight: 1, checks, settings: null });
  const paced = { name: "paced", kind: "requests", tasks: [], onStart: [], onStop: [], think: null };
  return {
    ...{ name: "bare", description: "", roles: null, criteria: [], notices: [], seed: 1, maxInFlight: 10_000 },
    ...{ grace: 1000, duration: DURATION, flows: [flowOf(load)] },
    phases: [{ name: "load", start: 0, duration: DURATION, measured: true }],
    services: [
      {
        ...{ name: "api", protocol: "instant", role: null, host: "", embedded: false, standIn: null, weight: 1 },
        ...{ timeout: 30_000, connectTimeout: 1000, waitForReady: 0, settings: null },
        endpoints: Array.from({ length: endpoints }, endpointOf),
      },
    ],
    workloads: [{ ...paced, pacing: load.pacing ?? null, periods: null, session: null, settings: null }],
  };
}

const cpuNs = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) * 1000;
};

/** Bytes allocated a call; NaN where the young generation was collected meanwhile. */
async function allocated(answered) {
  globalThis.gc();
  const from = { calls: answered(), heap: process.memoryUsage().heapUsed };
  while (answered() - from.calls < COUNTED_CALLS) await new Promise(setImmediate);
  const bytes = process.memoryUsage().heapUsed - from.heap;
  return bytes > 0 ? bytes / (answered() - from.calls) : Number.NaN;
}

async function run({ seconds = 3, bytes = false, ...load }) {
  const protocol = instantProtocol();
  const job = { scenario: scenarioOf(load), share: { index: 0, of: 1 }, runId: "bare", secrets: [], env: {} };
  const generator = await prepareGenerator(job, { protocols: [protocol], workloads: [requests] }, () => {});
  generator.start(clockFrom(epochNow()));
  await sleep(WARM_UP_S * 1000);
  if (bytes) return { bytes: await allocated(protocol.answered) };
  const from = { cpu: cpuNs(), calls: protocol.answered(), at: performance.now() };
  await sleep(seconds * 1000);
  const calls = protocol.answered() - from.calls;
  return { ns: (cpuNs() - from.cpu) / calls, per_second: (calls / (performance.now() - from.at)) * 1000 };
}

console.log(JSON.stringify(await run(JSON.parse(process.argv[2] ?? '{"users": 100}'))));
process.exit();
