import { describe, expect, test } from "vitest";
import { z } from "zod";
import { resolveService, testResolver } from "../contract_driver.ts";
import { websocket } from "./index.ts";
import { webSocketSchema } from "./schema.ts";

const issuesOf = async (config: object): Promise<string[]> => {
  const at = testResolver();
  await websocket.resolve(
    "chat",
    webSocketSchema.parse({ host: "localhost:1", messages: [{ send: "x" }], ...config }),
    at,
  );
  return at.issues;
};

describe("what cannot be right is told before anything is sent", () => {
  test.each([
    ["a host with a strange scheme", { host: "grpc://x" }, "host: expected an address"],
    ["a path without a slash", { path: "ws" }, 'path: expected a path that begins with "/"'],
    ["an unknown name in the path", { path: "/{{usr.id}}" }, "path:"],
    ["a header of ours", { headers: { Upgrade: "h2c" } }, "headers.Upgrade:"],
    ["a subprotocol with a space", { subprotocols: ["a b"] }, "subprotocols.0: expected letters"],
    ["a subprotocol twice", { subprotocols: ["a", "a"] }, 'subprotocols.1: expected each name once, found "a" again'],
    ["an unknown name in a message", { messages: [{ send: { a: "{{nobody}}" } }] }, "messages.0.send:"],
    ["bytes that are no base64", { messages: [{ send: { bytes: "%" } }] }, "messages.0.send.bytes: expected base64"],
    [
      "two fields in a reply",
      { messages: [{ send: "x", reply: { "$.a": 1, "$.b": 2 } }] },
      "messages.0.reply: expected one field",
    ],
    [
      "a reply's path that is none",
      { messages: [{ send: "x", reply: { "$[": 1 } }] },
      "messages.0.reply.$[: expected a JSONPath",
    ],
    [
      "an unknown name in a reply",
      { messages: [{ send: "x", reply: { "$.a": "{{snt.id}}" } }] },
      "messages.0.reply.$.a:",
    ],
    [
      "a reply by a field that is not sent",
      { messages: [{ send: { user: { id: 1 } }, reply: { "$.id": "{{sent.user.ib}}" } }] },
      "messages.0.reply.$.id: expected a field of `send`, found sent.user.ib",
    ],
    [
      "a reply by a field of a text",
      { messages: [{ send: "x", reply: { "$.id": "{{sent.id}}" } }] },
      "messages.0.reply.$.id: expected a field of `send`, found sent.id",
    ],
    [
      "checks without a reply",
      { messages: [{ send: "x", reply: "none", checks: ["size > 0"] }] },
      "messages.0.checks: expected no checks",
    ],
  ])("%s", async (_name, config, sentence) => {
    const issues = await issuesOf(config);
    expect(issues).toHaveLength(1);
    expect(issues[0]).toContain(sentence);
  });

  test.each(["soon", { count: 0 }, { count: 1.5 }, { id: "x" }])("a reply that is none: %j", (reply) => {
    expect(webSocketSchema.safeParse({ host: "x", messages: [{ send: "x", reply }] }).success).toBe(false);
  });
});

describe("a resolved service", () => {
  test.each([
    [{ id: "{{iteration}}" }, "{{sent.id}}"],
    [{ a: [{ b: 1 }] }, "{{sent.a.0.b}}"],
    ["hello", "{{sent}}"],
    [{ bytes: "AAEC" }, "{{sent}}"],
  ])("may know replies by what was sent: %j by %s", async (send, value) => {
    expect(await issuesOf({ messages: [{ send, reply: { "$.id": value } }] })).toEqual([]);
  });

  test("has every default written out, and names its ops after itself", async () => {
    const service = await resolveService(websocket, "chat", {
      host: "embedded",
      path: "/ws/{user_id}",
      messages: [{ send: "a" }, { send: "b", name: "second", weight: 3 }],
    });
    expect(service).toMatchObject({
      protocol: "websocket",
      driver: "fast",
      embedded: true,
      timeout: 30_000,
      connectTimeout: 10_000,
      endpoints: [
        { name: "chat message", method: "WS", weight: 1, settings: { reply: { kind: "next" }, timeout: null } },
        { name: "second", method: "WS", weight: 3 },
      ],
      settings: { path: "/ws/{{user.id}}", connection: "session", subprotocols: [], headers: {} },
    });
    expect(JSON.parse(JSON.stringify(service))).toEqual(service);
  });

  test("keeps the driver that is asked for", async () => {
    const config = { host: "h:1", messages: [{ send: "x" }], driver: "reference" };
    expect(await resolveService(websocket, "chat", config)).toMatchObject({ driver: "reference" });
  });

  test("takes http and https hosts as ws and wss", async () => {
    for (const host of ["http://h:1", "https://h:1", "ws://h:1", "wss://h:1", "h:1"])
      expect(await issuesOf({ host })).toEqual([]);
  });
});

test("the schema can be shown to editors", () => {
  const schema = z.toJSONSchema(webSocketSchema, { io: "input" }) as { required: string[] };
  expect(schema.required).toEqual(["host"]);
});
