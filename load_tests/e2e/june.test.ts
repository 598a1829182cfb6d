/** The June framework's own file, unchanged but for where its services are. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { standInSchema, type TargetSpec } from "../core/standin.ts";
import { startTargets } from "../targets/start.ts";
import { emptyFolder, jsonReport, runFolder, tenfold, writeConfig } from "./tenfold.ts";

const form = (llm: string, gateway: string) => `
services:${gateway}
  grpc:
    ${llm}:
      host: "localhost:50051"
      weight: 30
    stt:
      host: "localhost:50052"
      weight: 20
    tts:
      host: "localhost:50053"
      weight: 20
scenarios:
  baseline:
    users: 10
    spawn_rate: 2
    duration: "5m"
    description: "Baseline load test"
  spike:
    users: 500
    spawn_rate: 50
    duration: "5m"
    description: "Sudden spike"
metrics:
  latency:
    percentiles: [50, 75, 90, 95, 99]
  throughput:
    window: "1m"
  error_rate:
    threshold: 0.01
  resource_utilization:
    - cpu
    - memory
    - gpu
    - database_connections
reports:
  output_dir: "reports"
  format: ["html", "json", "csv"]
  include_charts: true
  comparison_baseline: "baseline"
`;
const GATEWAY = `
  gateway:
    host: "http://localhost:8000"
    rest_endpoints:
      - { path: "/health", method: "GET", weight: 10 }
      - { path: "/api/v1/llm/generate", method: "POST", weight: 30, requires_auth: true }
      - { path: "/api/v1/tts/speak", method: "POST", weight: 20, requires_auth: true }
      - { path: "/api/v1/audio/transcribe", method: "POST", weight: 20, requires_auth: true }
      - { path: "/chat", method: "POST", weight: 40, requires_auth: true }
    websocket:
      path: "/ws/{user_id}"
      weight: 30`;

describe("the June framework's file", () => {
  let targets: Awaited<ReturnType<typeof startTargets>>;
  beforeAll(async () => {
    const settings = standInSchema.parse({});
    const kinds = ["llm", "stt", "tts", "gateway"] as const;
    const specs = kinds.map(
      (kind): TargetSpec => ({ name: kind, kind, settings, port: 0, protos: [], includeDirs: [] }),
    );
    targets = await startTargets(specs);
  });
  afterAll(() => targets.close());

  const hosts = (llm: string) => {
    const { addresses } = targets;
    return [`${llm}=${addresses.llm}`, `stt=${addresses.stt}`, `tts=${addresses.tts}`].flatMap((host) => [
      "--host",
      host,
    ]);
  };

  test("with the gateway, calls all that it names, without a failure", async () => {
    const cwd = emptyFolder();
    const config = writeConfig(cwd, form("inference_api", GATEWAY));
    const args = ["--config", config, "--scenario", "baseline", "-d", "8", "-u", "30", "-r", "15"];
    const { code } = await tenfold(
      [...args, ...hosts("inference_api"), "--host", `gateway=${targets.addresses.gateway}`],
      cwd,
    );
    const report = jsonReport(runFolder(cwd, "baseline"));
    expect(report.total.failures, JSON.stringify(report.endpoints.filter(({ failures }) => failures > 0))).toBe(0);
    expect(code).toBe(0);
    expect(report.endpoints.map(({ name }) => name)).toEqual(
      expect.arrayContaining([
        "gateway login",
        "gateway connect",
        "POST /chat",
        "POST /api/v1/audio/transcribe",
        "inference_api.Generate",
      ]),
    );
    const sources = report.notices.filter(({ kind }) => kind === "source-missing").map(({ text }) => text);
    expect(sources.join()).toMatch(/gpu/);
    expect(sources.join()).toMatch(/database_connections/);
    expect(sources.filter((text) => /: (cpu|memory) /.test(text))).toEqual([]);
  });

  test("with tensorrt_llm, its spike has a level before and a recovery after", async () => {
    const cwd = emptyFolder();
    const config = writeConfig(cwd, form("tensorrt_llm", ""));
    const args = ["--config", config, "--scenario", "spike", "-d", "10", "-u", "20"];
    const { code } = await tenfold([...args, ...hosts("tensorrt_llm")], cwd);
    const report = jsonReport(runFolder(cwd, "spike"));
    expect(report.phases.map(({ name }) => name)).toEqual(["level", "surge", "spike", "recovery"]);
    expect(report.total.failures).toBe(0);
    expect([0, 97]).toContain(code);
  });
});
