import { describe, expect, it } from "vitest";
import { errorOf, load } from "./fixtures_plan.ts";
import { planText } from "./plan.ts";
import { shownAddress } from "./secrets.ts";

const ENV = {
  TOKEN: "canary-token",
  HEADER: "canary-header",
  META: "canary-meta",
  USER: "canary-user",
  PASS: "canary-p%40ss",
  TENANT: "canary-tenant",
  KEY: "canary-key",
  BODY: "canary-body",
  ENVIRONMENT: "canary-env",
  NUMBER: "4711471147",
  STT_HOST: "stt.example:50052",
  API_HOST: "https://someone:canary-inside@api.example/base?key=canary-query",
};

const FILE = `services:
  grpc:
    stt: { host: "\${STT_HOST:-embedded}", metadata: { x-tenant: "\${META}" } }
  rest:
    api:
      host: "http://\${USER}:\${PASS}@api.example:8080"
      auth: { bearer: "\${TOKEN}" }
      headers: { X-Key: "Key \${HEADER}", X-Number: "\${NUMBER}" }
      endpoints:
        - { path: "/\${TENANT}/items", query: { k: "\${KEY}" }, method: POST, json: { password: "\${BODY}", client_secret: canary-literal, max_tokens: 128 } }
        - { path: "/{{env.ENVIRONMENT}}" }
    other: { host: "\${API_HOST}", endpoints: [ { path: / } ] }
scenarios: { s: { users: 1, duration: 1m } }`;

const CANARIES = /canary|4711471147/;

describe("Secrets of a config", () => {
  it("are the values of variables in auth, headers, metadata and URLs, and literals under the keys of secrets", async () => {
    const { secrets } = await load(FILE, { env: ENV });
    for (const name of [
      "TOKEN",
      "HEADER",
      "META",
      "USER",
      "PASS",
      "TENANT",
      "KEY",
      "BODY",
      "ENVIRONMENT",
      "NUMBER",
    ] as const)
      expect(secrets).toContain(ENV[name]);
    expect(secrets).toEqual(expect.arrayContaining(["canary-literal", "canary-inside", "canary-query", "canary-p@ss"]));
    expect(secrets).not.toContain("128");
  });

  it("are also literals under the keys of secrets in the query of a path", async () => {
    const written = 'path: "/x?access_token=canary%20literal&page=12345&sig={{user.id}}"';
    const { secrets } = await load(FILE.replace('path: "/{{env.ENVIRONMENT}}"', written), { env: ENV });
    expect(secrets).toEqual(expect.arrayContaining(["canary%20literal", "canary literal"]));
    expect(secrets).not.toContain("12345");
  });

  it.each([
    ["--host", { host: ["nobody=http://someone:canary-pass@h"] }],
    ["--host without a name", { host: ["http://someone:canary-pass@h"] }],
    ["--set of a secret", { set: ["services.rest.nobody.auth.bearer=canary-bearer"] }],
    ["--set of a header", { set: ["services.rest.nobody.headers.X-Any=canary-header"] }],
    ["--set of a host", { set: ["services.rest.nobody.host=http://u:canary-pass@h"] }],
    ["--set of a path", { set: ["services.rest.api.endpoints.9.path=/x?token=canary-token"] }],
  ])("never stand in a message of %s, though that names nothing", async (_flag, flags) => {
    const { message } = await errorOf(FILE, { env: ENV, flags });
    expect(message).not.toMatch(CANARIES);
    expect(message).toContain("***");
  });

  it("never stand in the plan; addresses do, without their user", async () => {
    const plan = await load(FILE, { env: ENV });
    const text = planText(plan, plan.scenarios[0]!);
    expect(text).not.toMatch(CANARIES);
    expect(text).toContain("stt.example:50052");
    expect(text).toContain("http://***@api.example:8080");
    expect(text).toContain("https://***@api.example/base?key=***");
  });

  it("never stand in messages, nor in the lines that these show", async () => {
    const broken = FILE.replace("method: POST", 'method: canary-token, weight: "${TOKEN}"')
      .replace("X-Number:", 'X-Nope: [ "${HEADER}" ], X-Number:')
      .replace("{ users: 1,", '{ users: "canary-literal",');
    const { message, problems } = await errorOf(broken, { env: ENV });
    expect(problems.length).toBeGreaterThan(3);
    expect(message).not.toMatch(CANARIES);
  });

  it("never stand in the lines of a file that is no YAML", async () => {
    const { message } = await errorOf(
      "a:\n  password: canary-literal\n  api_key: 'canary-key' ]\n  { token: canary-token, x: }}",
      {},
    );
    expect(message).not.toMatch(CANARIES);
  });

  it("never stand in the flags that messages name", async () => {
    const flags = { set: ["services.rest.api.auth.beerer=canary-token", "services.rest.api.auth.password=canary-key"] };
    const { message } = await errorOf(FILE, { env: ENV, flags });
    expect(message).not.toContain("canary-key");
  });

  it("are also those that a flag brings", async () => {
    const { secrets } = await load(FILE, { env: ENV, flags: { set: ["services.rest.api.auth.bearer=canary-flag"] } });
    expect(secrets).toContain("canary-flag");
  });

  it("leave the name of a service and the embedded default alone", async () => {
    const text = `services: { grpc: { token-service: { host: "\${NONE:-embedded}" } } }\nscenarios: { s: { users: 1, duration: 1m } }`;
    expect((await load(text)).secrets).toEqual([]);
  });
});

describe("The environment of a plan", () => {
  it("holds what templates use and nothing else", async () => {
    expect((await load(FILE, { env: ENV })).env).toEqual({ ENVIRONMENT: "canary-env" });
  });
});

describe("An address as it may be shown", () => {
  it.each([
    ["localhost:50052", "localhost:50052"],
    ["http://u:p@h:1/x", "http://***@h:1/x"],
    ["u:p@h:1", "***@h:1"],
    ["ws://h/x?token=abc&b=c#d", "ws://h/x?token=***&b=***#d"],
    ["http://h/a@b", "http://h/a@b"],
  ])("%s becomes %s", (address, shown) => {
    expect(shownAddress(address)).toBe(shown);
  });
});
