import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import type { Service } from "../../core/model.ts";
import { testResolver } from "../contract.ts";
import type { EndpointSettings } from "./endpoint.ts";
import { echoProto } from "./fixture.ts";
import { grpc } from "./index.ts";

const folder = mkdtempSync(join(tmpdir(), "tenfold-grpc-"));
afterAll(() => rmSync(folder, { recursive: true }));
const file = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};

async function resolve(name: string, config: object): Promise<{ service: Service; issues: string[] }> {
  const at = testResolver();
  const service = await grpc.resolve(name, grpc.schema.parse({ host: "localhost:1", ...config }), at);
  return { service, issues: at.issues };
}

const issuesOf = async (config: object): Promise<string[]> => (await resolve("shop", config)).issues;
const say = (message: object, more: object = {}) => ({
  proto: echoProto,
  calls: [{ method: "demo.echo.Echo/Say", message, ...more }],
});
const settingsOf = ({ endpoints }: Service) => endpoints.map(({ settings }) => settings as EndpointSettings);

describe("a service by its role", () => {
  test.each([
    ["stt", "stt", ["stt.Recognize 2", "stt.RecognizeStream 1"]],
    ["tts", "tts", ["tts.Synthesize 1"]],
    ["llm", "llm", ["llm.Generate 2", "llm.GenerateStream 1"]],
    ["inference_api", "inference_api", ["inference_api.Generate 2", "inference_api.GenerateStream 1"]],
    ["tensorrt_llm", "tensorrt_llm", ["tensorrt_llm.Generate 2", "tensorrt_llm.GenerateStream 1"]],
  ])("%s sends what a service of that name takes", async (name, role, expected) => {
    const { service, issues } = await resolve(name, {});
    expect(issues).toEqual([]);
    expect(service.role).toBe(role);
    expect(service.endpoints.map((endpoint) => `${endpoint.name} ${endpoint.weight}`)).toEqual(expected);
    for (const { metadata } of settingsOf(service)) expect(metadata).toEqual({ "x-user-id": "{{user.id}}" });
  });

  test("every method of the roles can be named, has a message that fits its proto, and checks", async () => {
    for (const [role, methods] of [
      ["stt", ["Recognize", "RecognizeStream", "HealthCheck"]],
      ["tts", ["Synthesize", "SynthesizeStream", "HealthCheck"]],
      ["llm", ["Generate", "GenerateStream", "Chat", "ChatStream", "Embed", "HealthCheck"]],
    ] as const) {
      const { service, issues } = await resolve("voice", {
        role,
        methods: Object.fromEntries(methods.map((name) => [name, 1])),
      });
      expect(issues).toEqual([]);
      expect(service.endpoints.map(({ name }) => name)).toEqual(methods.map((name) => `voice.${name}`));
      for (const { checks } of service.endpoints) expect(checks.length).toBeGreaterThan(0);
    }
  });

  test("calls replace the role's usual methods; methods beside them are sent too", async () => {
    const calls = [{ method: "june.llm.LLMInference/Chat", weight: 3 }];
    expect((await resolve("llm", { calls })).service.endpoints.map(({ name }) => name)).toEqual(["llm.Chat"]);
    const both = await resolve("llm", { calls, methods: { Generate: 1 } });
    expect(both.service.endpoints.map(({ name }) => name)).toEqual(["llm.Generate", "llm.Chat"]);
  });

  test("the service's metadata and the call's go before the role's, in whatever case", async () => {
    const { service } = await resolve("llm", {
      metadata: { "X-User-Id": "one", a: "1" },
      calls: [{ method: "june.llm.LLMInference/Chat", metadata: { A: "2" } }],
    });
    expect(settingsOf(service)[0]!.metadata).toEqual({ "x-user-id": "one", a: "2" });
  });

  test("a service settled has every default written out, as plain data", async () => {
    const { service } = await resolve("stt", { host: "embedded", embedded: { latency: "5ms" } });
    expect(service).toMatchObject({
      host: "embedded",
      embedded: true,
      weight: 1,
      timeout: 30_000,
      connectTimeout: 10_000,
      waitForReady: 30_000,
    });
    expect(service.standIn).toMatchObject({ latency: 5, jitter: 5 });
    expect(structuredClone(service)).toEqual(service);
    expect(JSON.parse(JSON.stringify(service))).toEqual(service);
    expect(JSON.stringify(service).length).toBeLessThan(20_000);
  });
});

describe("a message that fits", () => {
  test.each([
    ["scalars", { user: "a", number: -1, tone: "LOUD", big: "9223372036854775807", quiet: true, level: 1.5 }],
    ["an enum by its number", { tone: 1 }],
    ["repeated fields, maps and messages", { lines: ["a"], parts: { x: { name: "n", words: { user: "deep" } } } }],
    ["a message of another file", { at: { seconds: "12", nanos: 3 } }],
    ["bytes as base64", { audio: "AAEC" }],
    ["bytes of a file", { audio: { file: echoProto, from: 0, to: 4 } }],
    [
      "templates where anything may stand",
      { number: "{{random.int 1 3}}", lines: "{{env.LINES}}", parts: { "{{user.id}}": {} } },
    ],
    ["null for nothing", { user: null, at: null }],
  ])("%s: no mistake", async (_, message) => {
    expect(await issuesOf(say(message))).toEqual([]);
  });
});

describe("a mistake is told with its place and what would be right", () => {
  const at = "calls.0.message";
  test.each<[string, object, string, string]>([
    ["an unknown field", { usr: "a" }, `${at}.usr`, "has no field usr; the nearest is user"],
    [
      "an unknown field deep inside",
      { parts: { x: { words: { lins: [] } } } },
      `${at}.parts.x.words.lins`,
      "the nearest is lines",
    ],
    ["a number for text", { user: 3 }, `${at}.user`, "expected text (in quotes), for user, found 3"],
    [
      "text for a number",
      { number: "three" },
      `${at}.number`,
      "expected a whole number from -2147483648 to 2147483647",
    ],
    ["a fraction for a whole number", { number: 1.5 }, `${at}.number`, "found 1.5"],
    ["a number out of range", { right: -1 }, `${at}.right`, "from 0 to 4294967295"],
    ["an enum's value that is not", { tone: "LOUDER" }, `${at}.tone`, "expected one of CALM, LOUD"],
    ["one for many", { lines: "a" }, `${at}.lines`, "expected a list"],
    ["many for one", { user: ["a"] }, `${at}.user`, "found a list"],
    ["a list for a map", { parts: [] }, `${at}.parts`, "expected a map"],
    ["text for a message", { at: "now" }, `${at}.at`, "expected a time such as"],
    ["bytes that are no base64", { audio: "a b" }, `${at}.audio`, "base64 text, or {file: path}"],
    ["text for true or false", { quiet: "yes" }, `${at}.quiet`, "expected true or false"],
    ["a template that nothing fills", { user: "{{usr.id}}" }, at, "usr.id"],
  ])("%s", async (_, message, path, words) => {
    const issues = await issuesOf(say(message));
    expect(issues).toHaveLength(1);
    expect(issues[0]).toContain(`${path}: `);
    expect(issues[0]).toContain(words);
  });

  test.each<[string, object, string, string]>([
    ["no role and no calls", {}, "", "expected calls, or a role"],
    ["methods without a role", { methods: { Say: 1 } }, "methods", "expected a role"],
    [
      "a method that the role has not",
      { role: "tts", methods: { Synthesise: 1 } },
      "methods.Synthesise",
      "the nearest is Synthesize",
    ],
    ["a call without its proto", { calls: [{ method: "a.B/C" }] }, "calls.0.method", "expected proto"],
    [
      "a method that the proto has not",
      { proto: echoProto, calls: [{ method: "demo.echo.Echo/Sing" }] },
      "calls.0.method",
      "the nearest is demo.echo.Echo/",
    ],
    ["an address without a port", { role: "stt", host: "localhost" }, "host", "expected host:port"],
    ["an address of another scheme", { role: "stt", host: "http://localhost:1" }, "host", "grpc://host:port"],
    ["an address with a port too high", { role: "stt", host: "localhost:70000" }, "host", "expected host:port"],
    [
      "several messages to a method that takes one",
      { proto: echoProto, calls: [{ method: "demo.echo.Echo/Say", messages: [{}, {}] }] },
      "calls.0.messages",
      "takes no stream",
    ],
    [
      "no message to a method that takes one",
      { proto: echoProto, calls: [{ method: "demo.echo.Echo/Say", messages: [] }] },
      "calls.0.messages",
      "takes no stream",
    ],
    [
      "a count to a method that takes one",
      { proto: echoProto, calls: [{ method: "demo.echo.Echo/Hear", count: 2 }] },
      "calls.0.count",
      "takes no stream",
    ],
    ["an interval to a method that takes one", say({}, { interval: "1s" }), "calls.0.interval", "takes no stream"],
    [
      "metadata under a reserved name",
      say({}, { metadata: { "grpc-timeout": "1S" } }),
      "calls.0.metadata.grpc-timeout",
      "does not begin with grpc-",
    ],
    [
      "metadata under a name that HTTP does not carry",
      { role: "stt", metadata: { "a b": "c" } },
      "metadata.a b",
      "expected a name",
    ],
    [
      "metadata that is not ASCII",
      { role: "stt", metadata: { name: "Zoë" } },
      "metadata.name",
      "expected printable ASCII",
    ],
  ])("%s", async (_, config, path, words) => {
    const issues = await issuesOf(config);
    expect(issues.length).toBeGreaterThan(0);
    expect(issues[0]).toMatch(new RegExp(`^${path.replaceAll(".", "\\.")}: `));
    expect(issues[0]).toContain(words);
  });

  test("a proto that is missing, wrong, or lacks its imports", async () => {
    const calls = [{ method: "a.B/C" }];
    for (const [proto, words] of [
      [join(folder, "absent.proto"), "ENOENT"],
      [file("wrong.proto", 'syntax = "proto3"; message {'), "line 1"],
      [file("lonely.proto", 'syntax = "proto3"; import "nowhere/else.proto"; message A {}'), "nowhere/else.proto"],
    ] as const) {
      const issues = await issuesOf({ proto, calls });
      expect(issues[0]).toMatch(/^proto: expected proto files/);
      expect(issues[0]).toContain(words);
    }
  });

  test("all mistakes at once", async () => {
    const calls = [
      { method: "demo.echo.Echo/Sey" },
      { method: "demo.echo.Echo/Say", message: { usr: 1, number: "x" } },
    ];
    expect(await issuesOf({ host: "nowhere", proto: echoProto, calls })).toHaveLength(4);
  });
});

test("imports are found under include_dirs", async () => {
  file("base.proto", 'syntax = "proto3"; package base; message Id { string id = 1; }');
  const top = mkdtempSync(join(tmpdir(), "tenfold-grpc-"));
  writeFileSync(
    join(top, "top.proto"),
    'syntax = "proto3"; package top; import "base.proto"; service S { rpc Get(base.Id) returns (base.Id); }',
  );
  const calls = [{ method: "top.S.Get", message: { id: 7 } }];
  const issues = await issuesOf({ proto: join(top, "top.proto"), include_dirs: [folder], calls });
  rmSync(top, { recursive: true });
  expect(issues).toEqual(["calls.0.message.id: expected text (in quotes), for id, found 7"]);
});

test.each([
  [{ reflection: "v1" }],
  [{ channels: "each" }],
  [{ tls: { veryfy: true } }],
  [{ compression: "zip" }],
  [{ max_message_size: "-1MB" }],
  [{ channels: 0 }],
  [{ calls: [] }],
  [{ calls: [{ method: "a.B/C", mesage: {} }] }],
  [{ role: "sst" }],
  [{ embedded: { latncy: 1 } }],
])("the schema refuses %j", (config) => {
  expect(grpc.schema.safeParse({ host: "localhost:1", ...config }).success).toBe(false);
});
