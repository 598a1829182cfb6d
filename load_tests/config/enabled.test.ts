import { describe, expect, it } from "vitest";
import { criteria, protocols } from "../registry.ts";
import { ConfigError, loadPlan } from "./load.ts";

const load = (endpoints: string) =>
  loadPlan({
    ...{ file: "/load.yaml", env: {}, flags: {}, protocols, criteria, readable: () => true },
    text: `services: { rest: { api: { host: localhost, endpoints: [ ${endpoints} ] } } }\nscenarios: { s: { users: 1, duration: 1s } }`,
  });

describe("An endpoint with `enabled: false`", () => {
  it("stands there and is not called", async () => {
    const { scenarios } = await load(
      "{ path: /a, method: DELETE, enabled: false }, { path: /b, enabled: true }, { path: /c }",
    );
    expect(scenarios[0]!.services[0]!.endpoints.map(({ name }) => name)).toEqual(["GET /b", "GET /c"]);
  });

  it("moves no mistake of another to its own place", async () => {
    const error = await load("{ path: /a, enabled: false }, { path: '/{{nothing}}' }").catch(
      (caught: unknown) => caught,
    );
    expect(error).toBeInstanceOf(ConfigError);
    expect((error as ConfigError).message).toContain("services.rest.api.endpoints[1].path");
  });

  it("is a message of a WebSocket too", async () => {
    const services = `websocket: { chat: { host: "ws://x", messages: [ { send: a, name: a, enabled: false }, { send: b, name: b, enabled: true } ] } }`;
    const text = `services: { ${services} }\nscenarios: { s: { users: 1, duration: 1s } }`;
    const { scenarios } = await loadPlan({
      ...{ text, file: "/load.yaml", env: {}, flags: {}, protocols, criteria, readable: () => true },
    });
    expect(scenarios[0]!.services[0]!.endpoints.map(({ name }) => name)).toEqual(["b"]);
  });

  it("leaves nothing to call where it is the only one, which is told", async () => {
    await expect(load("{ path: /a, enabled: false }")).rejects.toThrow(/found nothing to call/);
  });
});
