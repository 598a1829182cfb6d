import { readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { criteria, protocols } from "../registry.ts";
import { load } from "./fixtures_plan.ts";
import { loadPlan } from "./load.ts";
import { jsonSchema } from "./schema.ts";

const root = new URL("../../config/", import.meta.url);
const committed = new URL("schema.json", root);
const shipped = new URL("load_test_config.yaml", root);

type Json = { [key: string]: unknown };
const at = (schema: unknown, ...keys: string[]): Json =>
  keys.reduce<unknown>((node, key) => (node as Json)[key], schema) as Json;

describe("The schema of the file for editors", () => {
  const schema = jsonSchema(protocols, criteria);
  const properties = (...keys: string[]) => Object.keys(at(schema, "properties", ...keys, "properties"));
  const scenario = at(schema, "properties", "scenarios", "additionalProperties", "properties");

  it("is the committed one; UPDATE_SCHEMA=1 writes it anew", () => {
    const text = `${JSON.stringify(schema, null, 2)}\n`;
    if (process.env.UPDATE_SCHEMA === "1") writeFileSync(committed, text);
    expect(readFileSync(committed, "utf8")).toBe(text);
  });

  it("knows each kind of service and refuses unknown keys", () => {
    expect(properties("services")).toEqual(["grpc", "rest", "websocket", "openai", "gateway"]);
    expect(schema).toMatchObject({ additionalProperties: false, required: ["services", "scenarios"] });
  });

  it("leaves out the words of later versions", () => {
    const words = Object.keys(at(schema, "properties"));
    for (const word of ["compare", "tracing", "outputs"]) expect(words).not.toContain(word);
    for (const word of ["capacity", "repeat"]) expect(Object.keys(scenario)).not.toContain(word);
    expect(words).not.toContain("include");
  });

  it("admits a variable wherever a number, a boolean or a word of a list stands", () => {
    const admits = (node: Json) => JSON.stringify(node).includes("[A-Za-z_]");
    for (const key of ["users", "spawn_rate", "duration", "seed", "shape", "test_type"])
      expect(admits(at(scenario, key))).toBe(true);
    expect(admits(at(schema, "properties", "reports", "properties", "include_charts"))).toBe(true);
    expect(admits(at(scenario, "description"))).toBe(false);
  });
});

describe("The config that ships", () => {
  const text = readFileSync(shipped, "utf8");
  const ALL = ["smoke", "baseline", "target", "ramp_up", "spike", "sustained"];
  const plan = (env: Record<string, string> = {}) =>
    loadPlan({
      file: shipped.pathname,
      text,
      env,
      protocols,
      criteria,
      flags: { scenario: ALL },
      readable: () => true,
    });

  it("begins with the line by which editors find the schema", () => {
    expect(text.split("\n")[0]).toBe("# yaml-language-server: $schema=./schema.json");
  });

  it("has the scenarios with their numbers, against stand-ins of every service", async () => {
    const { scenarios, remarks } = await plan();
    const numbers = scenarios.map(({ name, duration, flows }) => [
      name,
      Math.max(...flows[0]!.segments.map(({ to }) => to)),
      duration / 1000,
    ]);
    expect(numbers).toEqual([
      ["smoke", 20, 15],
      ["baseline", 10, 300],
      ["target", 100, 600],
      ["ramp_up", 200, 1200],
      ["spike", 500, 300],
      ["sustained", 150, 1800],
    ]);
    expect(scenarios[0]!.flows[0]!.think).toEqual({ min: 200, max: 600 });
    expect(scenarios[0]!.flows[0]!.segments).toHaveLength(1);
    expect(new Set(scenarios[0]!.services.map(({ protocol }) => protocol))).toEqual(
      new Set(["grpc", "rest", "websocket"]),
    );
    expect(scenarios.every(({ services }) => services.every(({ embedded }) => embedded))).toBe(true);
    expect(remarks).toEqual([]);
  });

  it("takes addresses from the environment", async () => {
    const { scenarios, secrets } = await plan({
      STT_HOST: "stt:1",
      TTS_HOST: "tts:2",
      LLM_HOST: "llm:3",
      GATEWAY_HOST: "http://g:4",
    });
    expect(scenarios[0]!.services.map(({ name, embedded }) => [name, embedded])).toEqual([
      ["llm", false],
      ["stt", false],
      ["tts", false],
      ["gateway", false],
      ["gateway", false],
    ]);
    expect(secrets).toEqual([]);
  });
});

describe("Variables where types are checked", () => {
  it("are read as YAML reads them, quoted or not, and stay text where text is expected", async () => {
    const text = `services: { rest: { api: { host: "\${H}", weight: "\${W}", headers: { a: "\${N}", b: "x\${N}" }, endpoints: [ { path: / } ] } } }
scenarios:
  s:
    users: \${U:-5}
    duration: \${D}s
    description: "costs $\${5}"`;
    const { scenarios } = await load(text, { env: { H: "8080", W: "2.5", N: "007", D: "30" } });
    expect(scenarios[0]).toMatchObject({
      duration: 30_000,
      description: "costs ${5}",
      flows: [{ segments: [{ to: 5 }] }],
    });
    expect(scenarios[0]!.services[0]).toMatchObject({
      host: "8080",
      weight: 2.5,
      settings: { headers: { a: "007", b: "x007" } },
    });
  });

  it("fall back where they are empty or not set", async () => {
    const text = (n: string) =>
      `services: { rest: { api: { host: h, endpoints: [ { path: / } ] } } }\nscenarios: { s: { users: "\${N:-${n}}", duration: 1m } }`;
    expect((await load(text("3"), { env: { N: "" } })).scenarios[0]!.flows[0]!.segments[0]!.to).toBe(3);
    expect((await load(text("3"), { env: { N: "4" } })).scenarios[0]!.flows[0]!.segments[0]!.to).toBe(4);
  });
});
