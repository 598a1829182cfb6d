import { describe, expect, test } from "vitest";
import { z } from "zod";
import { resolveService, testResolver } from "../contract_driver.ts";
import { rest } from "./index.ts";
import { restSchema } from "./schema.ts";

const issuesOf = async (config: object): Promise<string[]> => {
  const at = { ...testResolver(), file: () => null };
  await rest.resolve("api", restSchema.parse({ host: "localhost:1", endpoints: [{ path: "/" }], ...config }), at);
  return at.issues;
};

const endpoint = (each: object) => ({ endpoints: [{ path: "/", ...each }] });

describe("what cannot be right is told before anything is sent", () => {
  test.each([
    ["a host with a strange scheme", { host: "ftp://x" }, "host: expected an address"],
    ["a host with a query", { host: "http://x/?a=1" }, "host: expected an address"],
    ["a host that is none", { host: "http://" }, "host: expected an address"],
    ["users in the host beside auth", { host: "http://a:b@x", auth: { bearer: "t" } }, "host: expected no user"],
    [
      "a path without a slash",
      endpoint({ path: "items" }),
      'endpoints.0.path: expected a path that begins with "/", found "items"',
    ],
    ["a fragment", endpoint({ path: "/a#b" }), "endpoints.0.path: expected a path without"],
    ["a broken template in the path", endpoint({ path: "/{{user.id" }), "endpoints.0.path:"],
    ["an unknown name in the query", endpoint({ query: { q: "{{usr.id}}" } }), "endpoints.0.query:"],
    ["an unknown name in the body", endpoint({ json: { a: ["{{nobody}}"] } }), "endpoints.0.json:"],
    ["two bodies", endpoint({ json: {}, body: "x" }), "endpoints.0.body: expected one body, found json and body"],
    ["requires_auth without auth", endpoint({ requires_auth: true }), "endpoints.0.requires_auth: expected `auth:`"],
    [
      "two kinds of auth",
      { auth: { bearer: "a", basic: { user: "u", password: "p" } } },
      "auth: expected one of bearer, basic or login, found several",
    ],
    ["a login without a way", { auth: { login: {} } }, "auth.login: expected one of path or oauth2, found none"],
    [
      "a token_url that is none",
      { auth: { login: { oauth2: { token_url: "id", client_id: "a", client_secret: "b" } } } },
      'auth.login.oauth2.token_url: expected a path that begins with "/", found "id"',
    ],
    [
      "two bodies of a login",
      { auth: { login: { path: "/t", json: {}, form: {} } } },
      "auth.login.form: expected one body",
    ],
    [
      "driver: fast beside http2",
      { host: "https://x", http2: true, driver: "fast" },
      "driver: expected driver: reference",
    ],
    ["http2 beside a plain host", { http2: true }, "http2: expected an https:// host"],
    ["tls beside a plain host", { tls: { server_name: "x" } }, "tls: expected an address with TLS"],
    ["no kind of auth", { auth: {} }, "auth: expected one of bearer, basic or login, found none"],
    [
      "a token's path that is none",
      { auth: { login: { path: "/t", token: "access_token" } } },
      "auth.login.token: expected a JSONPath",
    ],
    [
      "a header's name with a space",
      endpoint({ headers: { "a b": "x" } }),
      "endpoints.0.headers.a b: expected a header's name",
    ],
    [
      "a header of ours",
      { headers: { "Content-Length": "3" } },
      'headers.Content-Length: "Content-Length" is set by Tenfold itself',
    ],
    ["a header on two lines", { headers: { a: "x\r\ny: z" } }, "headers.a: expected a header's value on one line"],
    ["a ready path without a slash", { ready: "up" }, "ready: expected a path"],
    [
      "bytes that are no base64",
      endpoint({ multipart: { f: { bytes: "%%%" } } }),
      "endpoints.0.multipart.f.bytes: expected base64",
    ],
    [
      "a part of two contents",
      endpoint({ multipart: { f: { bytes: "", text: "" } } }),
      "endpoints.0.multipart.f: expected one of path, bytes or text, found bytes and text",
    ],
    [
      "a part of none",
      endpoint({ multipart: { f: {} } }),
      "endpoints.0.multipart.f: expected one of path, bytes or text, found none",
    ],
  ])("%s", async (_name, config, sentence) => {
    const issues = await issuesOf(config);
    expect(issues).toHaveLength(1);
    expect(issues[0]).toContain(sentence);
  });

  test("all at once", async () => {
    expect(
      await issuesOf({ host: "ftp://x", ready: "up", ...endpoint({ path: "x", json: 1, form: {} }) }),
    ).toHaveLength(4);
  });

  test("no sentence shows the password of a host", async () => {
    for (const host of ["http://me:hunter2@x/?q", "ftp://me:hunter2@x", "me:hunter2@ bad"])
      expect((await issuesOf({ host })).join()).not.toContain("hunter2");
  });
});

describe("a resolved service", () => {
  test("has every default written out", async () => {
    const service = await resolveService(rest, "api", { host: "https://x", endpoints: [{ path: "/a" }] });
    expect(service).toMatchObject({
      name: "api",
      protocol: "rest",
      host: "https://x",
      embedded: false,
      weight: 1,
      timeout: 30_000,
      connectTimeout: 10_000,
      waitForReady: 30_000,
      driver: "fast",
      endpoints: [{ name: "GET /a", method: "GET", weight: 1, checks: [] }],
      settings: { headers: {}, auth: null, connections: null, redirects: 10, ready: null },
    });
  });

  test.each([
    ["fast", {}],
    ["fast", { proxy: "http://proxy:3128", tls: { verify: false } }],
    ["reference", { http2: true }],
    ["reference", { driver: "reference" }],
  ])("has the %s driver by %j", async (driver, config) => {
    expect(await resolveService(rest, "api", { host: "https://x", ...config })).toMatchObject({ driver });
  });

  test("is plain data: what JSON keeps of it is all of it", async () => {
    const service = await resolveService(rest, "api", {
      host: "embedded",
      auth: { login: { path: "/t", json: { a: 1 } } },
      endpoints: [
        { path: "/a", method: "POST", multipart: { f: { bytes: "AAAA" }, g: "x" }, timeout: "2s" },
        { path: "/b", name: "b", query: { n: 1 }, checks: ["status == 200"] },
      ],
    });
    expect(service).toMatchObject({ embedded: true, standIn: { latency: 20 } });
    expect(JSON.parse(JSON.stringify(service))).toEqual(service);
    expect(structuredClone(service)).toEqual(service);
  });

  test("names an endpoint as it is written, templates unexpanded, or as it says", async () => {
    const endpoints = [{ path: "/items/{{random.int 1 100}}" }, { path: "/x", name: "GET /items/:id" }];
    const service = await resolveService(rest, "api", { host: "x:1", endpoints });
    expect(service.endpoints.map(({ name }) => name)).toEqual(["GET /items/{{random.int 1 100}}", "GET /items/:id"]);
  });

  test("gives its op the endpoint's own limit", async () => {
    const endpoints = [{ path: "/a", timeout: "2s" }, { path: "/b" }];
    const service = await resolveService(rest, "api", { host: "x:1", endpoints });
    const client = await rest.open(service, { drive: "users", secret: () => {} });
    expect(client.ops.map(({ timeout }) => timeout)).toEqual([2000, undefined]);
    await client.close();
  });
});

test("the schema can be shown to editors", () => {
  const schema = z.toJSONSchema(restSchema, { io: "input" }) as { properties: object; required: string[] };
  expect(schema.required).toEqual(["host"]);
  expect(schema.properties).toHaveProperty("connect_timeout.default", "10s");
});
