import { isAbsolute } from "node:path";
import { describe, expect, it } from "vitest";
import { compileChecks } from "../core/check.ts";
import type { Endpoint } from "../core/model.ts";
import { load, problemsOf } from "./fixtures_plan.ts";

const SCENARIOS = `
scenarios:
  baseline: { users: 10, spawn_rate: 2, duration: "5m" }
  target: { users: 100, spawn_rate: 10, duration: "10m" }
  ramp_up: { users: 200, spawn_rate: 5, duration: "20m" }
  spike: { users: 500, spawn_rate: 50, duration: "5m" }
  sustained: { users: 150, spawn_rate: 10, duration: "30m" }
metrics:
  latency:
    percentiles: [50, 75, 90, 95, 99]
  throughput:
    window: "1m"
  error_rate:
    threshold: 0.01
  resource_utilization: RESOURCES
reports:
  output_dir: "load_tests/reports"
  format: ["html", "json", "csv"]
  include_charts: true
  comparison_baseline: "baseline"
`;

const WITH_GATEWAY = `services:
  gateway:
    host: "http://localhost:8000"
    rest_endpoints:
      - { path: "/health", method: "GET", weight: 10, requires_auth: false }
      - { path: "/status", method: "GET", weight: 5 }
      - { path: "/api/v1/llm/generate", method: "POST", weight: 20, requires_auth: true }
      - { path: "/api/v1/audio/transcribe", method: "POST", weight: 5, requires_auth: true }
    websocket:
      path: "/ws/{user_id}"
      weight: 30
  grpc:
    inference_api: { host: "localhost:50051", weight: 30 }
    stt: { host: "localhost:50052", weight: 20 }
    tts: { host: "localhost:50053", weight: 20 }
${SCENARIOS.replace("RESOURCES", "[cpu, memory, gpu, database_connections]")}`;

const WITH_TENSORRT = `services:
  grpc:
    tensorrt_llm: { host: "tensorrt-llm:8000", weight: 30 }
    stt: { host: "localhost:50052", weight: 20 }
    tts: { host: "localhost:50053", weight: 20 }
${SCENARIOS.replace("RESOURCES", "[cpu, memory, gpu, grpc_pool]")}`;

const ALL = ["baseline", "target", "ramp_up", "spike", "sustained"];

describe.each([
  ["with a gateway", WITH_GATEWAY, ["inference_api", "stt", "tts", "gateway", "gateway"], ["database_connections"]],
  ["with tensorrt_llm", WITH_TENSORRT, ["tensorrt_llm", "stt", "tts"], []],
])("June's file %s works unchanged", (_form, text, services, missing) => {
  const planned = load(text, { flags: { scenario: ALL } });

  it("has its five scenarios", async () => {
    const { scenarios } = await planned;
    expect(
      scenarios.map(({ name, duration, flows }) => [
        name,
        Math.max(...flows[0]!.segments.map(({ to }) => to)),
        duration / 60_000,
      ]),
    ).toEqual([
      ["baseline", 10, 5],
      ["target", 100, 10],
      ["ramp_up", 200, 20],
      ["spike", 500, 5],
      ["sustained", 150, 30],
    ]);
  });

  it("has its services", async () => {
    expect((await planned).scenarios[0]!.services.map(({ name }) => name)).toEqual(services);
  });

  it("has its reports and windows", async () => {
    expect((await planned).reports).toEqual({
      outputDir: "load_tests/reports",
      formats: ["html", "json", "csv"],
      charts: true,
      comparisonBaseline: "baseline",
      keep: null,
      percentiles: [50, 75, 90, 95, 99],
      throughputWindow: 60_000,
    });
  });

  it("is judged by the four criteria where they apply", async () => {
    const { scenarios } = await planned;
    const sentences = Object.fromEntries(
      scenarios.map(({ name, criteria }) => [name, criteria.map(({ sentence }) => sentence)]),
    );
    expect(sentences).toEqual({
      baseline: ["p95 < 2s", "error_rate < 1%"],
      target: ["p95 < 2s", "error_rate < 1%", "throughput >= 9.5x baseline"],
      ramp_up: ["p95 < 2s", "error_rate < 1%"],
      spike: ["p95 < 2s", "error_rate < 1%", "recovery < 30s"],
      sustained: ["p95 < 2s", "error_rate < 1%"],
    });
  });

  it("has a notice for each resource that no service can give", async () => {
    const texts = (await planned).scenarios[0]!.notices.filter(({ kind }) => kind === "source-missing").map(
      ({ text: said }) => said,
    );
    expect(texts).toHaveLength(missing.length);
    for (const [index, name] of missing.entries()) expect(texts[index]).toContain(`resource_utilization: ${name}`);
  });
});

describe("A gateway", () => {
  const gateway = (words: string) =>
    `services: { gateway: { host: "http://g", ${words} } }\nscenarios: { s: { users: 1, duration: 1m } }`;
  const partsOf = async (words: string) => (await load(gateway(words))).scenarios[0]!.services;
  const settingsOf = (endpoint: Endpoint | undefined) => endpoint?.settings as Record<string, unknown>;

  it("is a REST service of its endpoints' weight and a WebSocket service of its own", async () => {
    const parts = await partsOf(
      "rest_endpoints: [ { path: /a, weight: 3 }, { path: /b } ], websocket: { path: /ws, weight: 7 }",
    );
    expect(parts.map(({ name, protocol, weight, role }) => [name, protocol, weight, role])).toEqual([
      ["gateway", "rest", 4, "gateway"],
      ["gateway", "websocket", 7, "gateway"],
    ]);
  });

  it.each([
    ["POST", "/auth/token", { query: { user_id: "{{user.id}}" } }],
    ["POST", "/auth/login", { json: { user_id: "{{user.id}}" } }],
    ["POST", "/api/v1/tts/speak", { json: { language: "en", voice_id: "default" } }],
    ["POST", "/chat", { json: { type: "text" }, requires_auth: true }],
  ])("knows what %s %s sends", async (method, path, settings) => {
    const [rest] = await partsOf(`rest_endpoints: [ { path: ${path}, method: ${method} } ]`);
    expect(rest!.endpoints[0]!.settings).toMatchObject(settings);
    expect(rest!.endpoints[0]!.checks).toHaveLength(1);
  });

  it.each(["/health", "/status", "/metrics"])("checks the answer of GET %s", async (path) => {
    const [rest] = await partsOf(`rest_endpoints: [ { path: ${path} } ]`);
    expect(rest!.endpoints[0]!.checks).toHaveLength(1);
  });

  it("sends the spoken sample to be transcribed, also where the path has a query", async () => {
    const [rest] = await partsOf('rest_endpoints: [ { path: "/api/v1/audio/transcribe?language=en", method: POST } ]');
    const { multipart } = settingsOf(rest!.endpoints[0]) as { multipart: { audio: { path: string } } };
    expect(isAbsolute(multipart.audio.path)).toBe(true);
    expect(multipart.audio.path).toMatch(/config.audio.speech\.wav$/);
  });

  it("sends and checks what the file says instead", async () => {
    const [rest] = await partsOf(
      "rest_endpoints: [ { path: /chat, method: POST, requires_auth: false, json: { type: other }, checks: [ status == 200 ] } ]",
    );
    expect(settingsOf(rest!.endpoints[0])).toMatchObject({ json: { type: "other" }, requires_auth: false });
    expect(rest!.endpoints[0]!.checks.map(({ sentence }) => sentence)).toEqual(["status == 200"]);
    expect(rest!.settings).toMatchObject({ auth: null });
  });

  it("fetches a token once a user where an endpoint needs it", async () => {
    const [rest] = await partsOf("rest_endpoints: [ { path: /x, requires_auth: true } ]");
    expect(rest!.settings).toMatchObject({
      auth: {
        login: { method: "POST", path: "/auth/token", query: { user_id: "{{user.id}}" }, token: "$.access_token" },
      },
    });
  });

  it("chats on its socket and takes an error in the reply for a failure", async () => {
    const [socket] = await partsOf('websocket: { path: "/ws/{user_id}" }');
    expect(socket!.endpoints[0]!.checks.map(({ sentence }) => sentence)).toEqual(['$.type != "error"']);
    expect(socket!.endpoints[0]!.settings).toMatchObject({ send: { type: "text" }, reply: "next" });
  });

  it("takes an error in the reply to a message of the file for a failure, unless the file has checks of its own", async () => {
    const messages = "[ { send: hi }, { send: hi, checks: [] }, { send: hi, reply: none } ]";
    const [socket] = await partsOf(`websocket: { path: /ws, messages: ${messages} }`);
    const [watched, ...others] = socket!.endpoints.map(({ checks }) => checks);
    expect(others).toEqual([[], []]);
    const failed = compileChecks(watched!);
    const told = ['{"text": "hi"}', "hi", '{"text": "a", "type": "error"}', '{\n"type" : "error"}'];
    const replyOf = (text: string) => ({
      status: "OK",
      size: text.length,
      header: () => undefined,
      text: () => text,
      json: () => undefined,
    });
    expect(told.map((text) => failed(replyOf(text), 0) === null)).toEqual([true, true, false, false]);
  });

  it("leaves out a part without weight", async () => {
    const parts = await partsOf("rest_endpoints: [ { path: /a, weight: 0 } ], websocket: { path: /ws }");
    expect(parts.map(({ protocol }) => protocol)).toEqual(["websocket"]);
  });

  it("tells mistakes at its own keys", async () => {
    const [problem, ...more] = await problemsOf(gateway('rest_endpoints: [ { path: /a }, { path: "/{{usr.id}}" } ]'));
    expect(more).toEqual([]);
    expect(problem!.message).toContain("services.gateway.rest_endpoints[1].path: ");
  });
});
