/** The scenario of the runs that tests of reports are made of, and their header. */
import type { Endpoint, Flow, OpInfo, Phase, RunHeader, Scenario, Service } from "../core/model.ts";

export const HOSTILE_NAMES = [
  "<script>window.hacked = true</script>",
  "=cmd()|'/c calc'!A1",
  "\u001b[31mred\u001b[0m\u0007 and\u2028more",
  '🎉 party, "quoted"',
  "x".repeat(300),
] as const;

const METRICS = [{ name: "ttft", unit: "ms" }];

const op = (service: string, name: string, method: string, protocol = "rest"): OpInfo => ({
  service,
  name,
  protocol,
  method,
  metrics: protocol === "grpc" ? METRICS : [],
});

export const OPS: readonly OpInfo[] = [
  op("stt", "stt.Recognize", "grpc", "grpc"),
  op("llm", "llm.GenerateStream", "grpc", "grpc"),
  op("api", "GET /items/:id", "GET"),
  op("api", "POST /items", "POST"),
  op("chat", "chat message", "WS", "websocket"),
  ...HOSTILE_NAMES.map((name) => op("hostile", name, "GET")),
  op("api", "never called", "GET"),
];

const endpoint = ({ name, method }: OpInfo): Endpoint => ({ name, method, weight: 1, checks: [], settings: {} });

const service = (name: string, host: string, embedded = false): Service => ({
  name,
  protocol: OPS.find((each) => each.service === name)!.protocol,
  role: null,
  host,
  embedded,
  standIn: null,
  weight: 1,
  timeout: 30_000,
  connectTimeout: 10_000,
  waitForReady: 30_000,
  endpoints: OPS.filter((each) => each.service === name).map(endpoint),
  settings: { headers: { authorization: "***" } },
});

const phase = (name: string, start: number, end: number, measured = true): Phase => ({
  name,
  start: start * 1000,
  duration: (end - start) * 1000,
  measured,
});

export const PHASES = [
  phase("warm_up", 0, 5, false),
  phase("level", 5, 20),
  phase("spike", 20, 40),
  phase("recovery", 40, 60),
];

const segment = (start: number, end: number, from: number, to: number) => ({
  start: start * 1000,
  duration: (end - start) * 1000,
  from,
  to,
});

const FLOW: Flow = {
  drive: "users",
  arrivals: "even",
  segments: [segment(0, 20, 10, 10), segment(20, 25, 10, 50), segment(25, 40, 50, 50), segment(40, 60, 10, 10)],
  think: { min: 1000, max: 3000 },
};

export const SCENARIO: Scenario = {
  name: "spike",
  description: "Up to 50 users & back </title>",
  flows: [FLOW],
  phases: PHASES,
  roles: { before: "level", stress: ["spike"], after: "recovery" },
  services: [
    service("stt", "127.0.0.1:50052", true),
    service("llm", "127.0.0.1:50053", true),
    service("api", "http://localhost:8080"),
    service("chat", "ws://localhost:8000"),
    service("hostile", "http://localhost:8081"),
  ],
  criteria: [],
  seed: 1,
  maxInFlight: 10_000,
  grace: 30_000,
  duration: 60_000,
  notices: [
    { kind: "embedded", text: "stt and llm were played by stand-ins: these numbers say nothing of the real ones" },
  ],
};

export const header = (scenario: Scenario = SCENARIO): RunHeader => ({
  format: 1,
  runId: "20260102_030405-abcdef",
  startedAt: "2026-01-02T03:04:05.678Z",
  scenario,
  environment: {
    tenfold: "0.1.0",
    node: "v20.19.0",
    os: "linux x64 6.1",
    cpus: 2,
    memory_bytes: 8 * 1024 ** 3,
    git_sha: "0123abc",
    git_branch: "main",
    ci: null,
  },
  ops: OPS,
  reports: {
    outputDir: "reports",
    formats: ["html", "json", "csv"],
    charts: true,
    comparisonBaseline: "baseline",
    keep: null,
    percentiles: [50, 66, 90, 95, 99],
    throughputWindow: 10_000,
  },
  workers: 1,
});
