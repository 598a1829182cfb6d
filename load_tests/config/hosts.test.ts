import { describe, expect, it } from "vitest";
import { criteria, protocols } from "../registry.ts";
import { ConfigError, type Flags, loadPlan } from "./load.ts";
import { planText } from "./plan.ts";

const load = (services: string, flags: Flags = {}) =>
  loadPlan({
    ...{ file: "/load.yaml", env: {}, flags, protocols, criteria, readable: () => true },
    text: `services:\n  ${services}\nscenarios: { s: { users: 1, duration: 10s } }`,
  });
const problemsOf = async (services: string): Promise<string[]> => {
  const error: unknown = await load(services).catch((cause: unknown) => cause);
  if (!(error instanceof ConfigError)) throw new Error("expected a ConfigError");
  return error.problems.map(({ message }) => message);
};
const rest = (words: string, endpoint = "path: /") => `rest: { api: { ${words}, endpoints: [ { ${endpoint} } ] } }`;

describe("A service of several hosts", () => {
  it.each([
    ["rest", rest('hosts: [ "http://a:1", "http://b:2/base" ]'), ["http://a:1", "http://b:2/base"]],
    [
      "websocket",
      'websocket: { c: { hosts: [ "ws://a:1", "ws://b:1" ], messages: [ { send: x } ] } }',
      ["ws://a:1", "ws://b:1"],
    ],
    ["openai", 'openai: { llm: { hosts: [ "a:1", "b:1" ], model: m } }', ["a:1", "b:1"]],
    ["grpc", 'grpc: { stt: { hosts: [ "a:1", "b:1" ] } }', ["a:1", "b:1"]],
  ])("of %s keeps all of them, the first for what is asked once", async (_kind, services, hosts) => {
    const [service] = (await load(services)).scenarios[0]!.services;
    expect(service).toMatchObject({ host: hosts[0], hosts });
  });

  it("is both parts of a gateway", async () => {
    const plan = await load(
      'gateway: { hosts: [ "http://a", "http://b" ], rest_endpoints: [ { path: /health } ], websocket: { path: /ws } }',
    );
    expect(plan.scenarios[0]!.services.map(({ protocol, hosts }) => [protocol, hosts])).toEqual([
      ["rest", ["http://a", "http://b"]],
      ["websocket", ["http://a", "http://b"]],
    ]);
  });

  it("is shown with all of them in the plan, without their users and passwords", async () => {
    const plan = await load(rest('hosts: [ "http://me:pw@a", "http://me:pw@b" ]'));
    expect(planText(plan, plan.scenarios[0]!)).toContain("http://a, http://b");
    expect(plan.secrets).toContain("pw");
  });

  it("of one entry is a service of one host", async () => {
    const [service] = (await load(rest("hosts: [ a ]"))).scenarios[0]!.services;
    expect(service!.host).toBe("a");
    expect(service).not.toHaveProperty("hosts");
  });

  it("takes the address of --host instead", async () => {
    const plan = await load(rest("hosts: [ a, b ]"), { host: ["api=c:1"] });
    const [service] = plan.scenarios[0]!.services;
    expect(service!.host).toBe("c:1");
    expect(service).not.toHaveProperty("hosts");
  });

  it.each([
    ["none", rest("hosts: []"), "services.rest.api.hosts: expected at least 1 entry, found a list"],
    [
      "host beside it",
      rest("host: a, hosts: [ b ]"),
      "services.rest.api.hosts: expected one of host and hosts, found both",
    ],
    [
      "a stand-in among them",
      rest("hosts: [ a, embedded ]"),
      "services.rest.api.hosts[1]: expected an address: a stand-in",
    ],
    [
      "one twice",
      rest("hosts: [ a, b, a ]"),
      'services.rest.api.hosts[2]: expected each address once, found "a" again',
    ],
    ["one that is none", rest('hosts: [ a, "b b" ]'), "services.rest.api.hosts[1]: expected an address such as"],
    [
      "another user",
      rest('hosts: [ "http://me:pw@a", "http://b" ]'),
      "services.rest.api.hosts[1]: expected an address with the scheme",
    ],
    [
      "TLS for some",
      rest('hosts: [ "https://a", "http://b" ], tls: { server_name: x }'),
      "services.rest.api.hosts[1]: expected an address with TLS",
    ],
    [
      "no host at all",
      rest("weight: 1"),
      "`services.rest.api.host` is missing: expected text, or `hosts` with several",
    ],
    ["no host of a gateway", "gateway: { rest_endpoints: [ { path: / } ] }", "`services.gateway.host` is missing"],
  ])("is refused with %s", async (_what, services, message) => {
    expect((await problemsOf(services))[0]).toContain(message);
  });

  it("tells the mistakes of its endpoints once", async () => {
    const problems = await problemsOf(rest("hosts: [ a, b, c ]", 'path: "/{{nope}}", checks: [ huh ], body_file: x'));
    expect(problems).toHaveLength(2);
  });
});
