/** What it costs to record one call, apart from all else: the recorder fed with made-up calls, in this process. */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { parts } from "../parts.js";
import { rounds } from "../runner.js";

const PER_SECOND = 10_000;
const SECONDS = 100;
const WARM_UP_S = 25;
/** Of phases, where there are several. */
const PHASE_S = 5;

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc");

/** Latencies around 20 ms, the same each time. */
function latencies() {
  let random = 1;
  return Float64Array.from({ length: 4096 }, () => {
    random = (random * 48_271) % 2_147_483_647;
    return 20 * Math.exp((random / 2_147_483_647 - 0.5) * 3);
  });
}

const CALL = {
  ...{
    op: 0,
    phase: 0,
    due: 0,
    start: 0,
    ended: 0,
    outcome: "ok",
    status: "200",
    message: "",
    sentBytes: 100,
    receivedBytes: 200,
    items: 0,
  },
  ...{ first: -1, last: -1, values: null, checked: 1, excerpt: () => "" },
};

async function recorderOf(endpoints) {
  const { Recorder } = await parts();
  const plain = { names: [], first: -1, gap: -1, extra: 0 };
  const phase = (_, i) => ({ name: `${i}`, start: i * PHASE_S * 1000, duration: PHASE_S * 1000, measured: true });
  return new Recorder({
    metrics: Array.from({ length: endpoints }, () => plain),
    phases: Array.from({ length: (WARM_UP_S + SECONDS) / PHASE_S }, phase),
    slos: [],
    gauges: () => ({ users: 0, inFlight: 0, cpu: 0 }),
    flush: () => {},
  });
}

function cpuNs() {
  const { user, system } = process.cpuUsage();
  return (user + system) * 1000;
}

const heap = () => process.memoryUsage().heapUsed;

/** Heap and buckets of histograms, in use. */
function inUseMb() {
  for (let i = 0; i < 3; i++) collect();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return (heapUsed + arrayBuffers) / 1e6;
}

/** Seconds of `PER_SECOND` calls: what folding the calls takes, and what each second's snapshot. */
async function feed(endpoints) {
  const recorder = await recorderOf(endpoints);
  const taken = latencies();
  const call = { ...CALL };
  const spent = { folding: 0, snapshots: 0, bytes: 0 };
  const second = (from) => {
    const before = heap();
    const started = cpuNs();
    call.phase = Math.floor(from / 1000 / PHASE_S);
    for (let i = 0; i < PER_SECOND; i++) {
      call.op = i % endpoints;
      call.due = call.start = from - taken[i % taken.length];
      call.ended = from;
      recorder.add(call);
    }
    spent.folding += cpuNs() - started;
    spent.bytes += Math.max(0, heap() - before);
    const folded = cpuNs();
    recorder.advance(from + 1000);
    spent.snapshots += cpuNs() - folded;
  };
  for (let s = 0; s < WARM_UP_S; s++) second(s * 1000);
  spent.folding = spent.snapshots = spent.bytes = 0;
  const before = inUseMb();
  for (let s = 0; s < SECONDS; s++) second((WARM_UP_S + s) * 1000);
  return {
    ns: spent.folding / SECONDS / PER_SECOND,
    bytes: spent.bytes / SECONDS / PER_SECOND,
    snapshot_ms: spent.snapshots / SECONDS / 1e6,
    grown_mb: inUseMb() - before,
  };
}

async function run() {
  const entries = [1, 100, 1000].map((endpoints) => ({ name: `${endpoints} endpoints`, endpoints }));
  const rows = await rounds(entries, ({ endpoints }) => feed(endpoints));
  return rows.map((row) => ({ job: "recording", kind: "a million calls", ...row }));
}

const columns = () => [
  ["", ({ name }) => name],
  ["ns of CPU to fold a call", ({ ns }) => ns],
  ["bytes allocated a call", ({ bytes }) => bytes],
  ["ms of CPU to write a second's snapshot", ({ snapshot_ms }) => snapshot_ms],
  ["MB more after a million calls", ({ grown_mb }) => grown_mb],
];

export const recording = { title: "Recording 10,000 calls a second, in phases of 5 s", run, columns };
