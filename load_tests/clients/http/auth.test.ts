import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { ClientHost } from "../../core/plugin.ts";
import { drive, lateWords, resolveService, testUser } from "../contract_driver.ts";
import { deferred, type TestServer } from "../loopback.ts";
import { bodyOf, httpServer, sendJson } from "./fixture.ts";
import { rest } from "./index.ts";

let server: TestServer;
let held: Promise<void> | null = null;
/** Tokens that are refused from now on. */
let refused: Set<string | undefined>;
let loginAnswer: { status: number; body: unknown };
const seenAuth: (string | undefined)[] = [];
const logins: string[] = [];
const secrets: string[] = [];

beforeEach(async () => {
  held = null;
  refused = new Set();
  loginAnswer = { status: 200, body: null };
  for (const list of [seenAuth, logins, secrets]) list.length = 0;
  server = await httpServer(async (request, response) => {
    if (!request.url?.startsWith("/auth")) {
      seenAuth.push(request.headers.authorization);
      return sendJson(response, refused.has(request.headers.authorization) ? 401 : 200, {});
    }
    const basic = request.headers.authorization ?? "";
    logins.push(`${request.method} ${request.url} ${await bodyOf(request)}${basic}`);
    await held;
    const id = new URL(request.url, "http://x").searchParams.get("user_id");
    sendJson(response, loginAnswer.status, loginAnswer.body ?? { access_token: `token-of-${id}`, expires: 3600 });
  });
});
afterEach(async () => {
  await server.close();
  expect(lateWords.splice(0)).toEqual([]);
});

async function open(config: object, drive: ClientHost["drive"] = "users") {
  const service = await resolveService(rest, "api", { host: server.address, endpoints: [{ path: "/a" }], ...config });
  return rest.open(service, { drive, secret: (value) => void secrets.push(value) });
}

const LOGIN = { login: { path: "/auth/token", query: { user_id: "{{user.id}}" }, token: "$.access_token" } };

describe("credentials that are known", () => {
  test.each([
    ["bearer", { bearer: "abc" }, "Bearer abc"],
    ["bearer from a template", { bearer: "{{user.id}}" }, "Bearer user-0"],
    ["basic", { basic: { user: "me", password: "sec:ret" } }, `Basic ${btoa("me:sec:ret")}`],
    ["basic from a template", { basic: { user: "{{user.id}}", password: "x" } }, `Basic ${btoa("user-0:x")}`],
  ])("%s", async (_name, auth, header) => {
    const client = await open({ auth, headers: { Authorization: "none" } });
    await drive(client.ops[0]!, testUser(0));
    expect(seenAuth).toEqual([header]);
    await client.close();
  });

  test("they are told as secrets, also in the form in which they go over the wire", async () => {
    await (await open({ auth: { bearer: "abc" } })).close();
    await (await open({ auth: { basic: { user: "me", password: "pw" } } })).close();
    expect(secrets).toEqual(["abc", "pw", btoa("me:pw")]);
  });

  test("user and password of the host's URL are basic credentials, and the host is shown without them", async () => {
    const service = await resolveService(rest, "api", {
      host: `http://me:p%40ss@${server.address}`,
      endpoints: [{ path: "/a" }],
    });
    expect(service.host).toBe(`http://${server.address}`);
    const client = await rest.open(service, { drive: "users", secret: () => {} });
    await drive(client.ops[0]!, testUser(0));
    expect(seenAuth).toEqual([`Basic ${btoa("me:p@ss")}`]);
    await client.close();
  });

  test.each([
    ["all endpoints where none says requires_auth", [{}, {}], ["Bearer abc", "Bearer abc"]],
    ["those that say true where one does", [{ requires_auth: true }, {}], ["Bearer abc", undefined]],
    ["all but those that say false", [{ requires_auth: false }, {}], [undefined, "Bearer abc"]],
  ])("they go with %s", async (_name, endpoints, headers) => {
    const client = await open({
      auth: { bearer: "abc" },
      endpoints: endpoints.map((each) => ({ path: "/a", ...each })),
    });
    for (const op of client.ops) await drive(op, testUser(0));
    expect(seenAuth).toEqual(headers);
    await client.close();
  });
});

describe("a login", () => {
  test("comes once a user, before the first call that needs it, as a call of its own", async () => {
    const client = await open({ auth: LOGIN });
    for (const index of [0, 1]) {
      const user = testUser(index);
      const first = await drive(client.ops[0]!, user);
      expect(first.needed).toMatchObject({ op: "api login", outcome: "ok", status: "200" });
      expect((await drive(client.ops[0]!, user)).needed).toBeNull();
    }
    expect(logins).toEqual(["POST /auth/token?user_id=user-0 ", "POST /auth/token?user_id=user-1 "]);
    expect(seenAuth).toEqual(["user-0", "user-0", "user-1", "user-1"].map((id) => `Bearer token-of-${id}`));
    expect(secrets).toEqual(["token-of-user-0", "token-of-user-1"]);
    await client.close();
  });

  test("may send JSON", async () => {
    const json = { username: "{{user.id}}", password: "x" };
    const client = await open({ auth: { login: { path: "/auth/login", json, token: "$.access_token" } } });
    await drive(client.ops[0]!, testUser(0));
    expect(logins).toEqual(['POST /auth/login {"username":"user-0","password":"x"}']);
    await client.close();
  });

  test("is not asked for by endpoints that go without", async () => {
    const endpoints = [{ path: "/open" }, { path: "/closed", requires_auth: true }];
    const client = await open({ auth: LOGIN, endpoints });
    expect((await drive(client.ops[0]!, testUser(0))).needed).toBeNull();
    expect(logins).toEqual([]);
    await client.close();
  });

  test.each([
    ["a status", { status: 401, body: { detail: "no" } }, { outcome: "client-error", status: "401" }],
    ["no token", { status: 200, body: { token: "elsewhere" } }, { outcome: "invalid", status: "200" }],
    ["an empty token", { status: 200, body: { access_token: "" } }, { outcome: "invalid", status: "200" }],
    ["no JSON object", { status: 200, body: "text" }, { outcome: "invalid", status: "200" }],
  ])("that fails by %s is asked for again, and the call is not sent", async (_name, answer, failure) => {
    loginAnswer = answer;
    const client = await open({ auth: LOGIN });
    const user = testUser(0);
    for (let i = 0; i < 2; i++)
      expect(await drive(client.ops[0]!, user)).toMatchObject({ op: "api login", ...failure });
    expect(client.ops[0]!.needs!(user)).toBe(client.ops.at(-1));
    expect([logins.length, seenAuth.length]).toEqual([2, 0]);
    await client.close();
  });

  test("is done once for two calls of a user at the same time", async () => {
    const gate = deferred();
    held = gate.promise;
    const client = await open({ auth: LOGIN });
    const user = testUser(0);
    const calls = [drive(client.ops[0]!, user), drive(client.ops[0]!, user)];
    gate.resolve();
    expect((await Promise.all(calls)).map(({ outcome }) => outcome)).toEqual(["ok", "ok"]);
    expect(logins).toHaveLength(1);
    expect(seenAuth).toEqual(["Bearer token-of-user-0", "Bearer token-of-user-0"]);
    await client.close();
  });

  test("that fails ends the calls that waited for it in the same way", async () => {
    loginAnswer = { status: 503, body: {} };
    const client = await open({ auth: LOGIN });
    const user = testUser(0);
    const calls = await Promise.all([drive(client.ops[0]!, user), drive(client.ops[0]!, user)]);
    expect(calls.map(({ outcome, status }) => [outcome, status])).toEqual([
      ["server-error", "503"],
      ["server-error", "503"],
    ]);
    expect([logins.length, seenAuth.length]).toEqual([1, 0]);
    await client.close();
  });

  test("that is cut is asked for again", async () => {
    const gate = deferred();
    held = gate.promise;
    const client = await open({ auth: LOGIN });
    const user = testUser(0);
    const cut = await Promise.all([
      drive(client.ops[0]!, user, { timeout: 100 }),
      drive(client.ops[0]!, user, { timeout: 4000 }),
    ]);
    expect(cut.map(({ outcome }) => outcome)).toEqual(["timeout", "invalid"]);
    gate.resolve();
    expect(await drive(client.ops[0]!, user)).toMatchObject({ outcome: "ok" });
    await client.close();
  });

  test("is the user's own also where connections are shared", async () => {
    const client = await open({ auth: LOGIN }, "arrivals");
    for (const index of [0, 1, 0]) await drive(client.ops[0]!, testUser(index));
    expect(seenAuth).toEqual([0, 1, 0].map((id) => `Bearer token-of-user-${id}`));
    expect(server.accepted()).toBe(1);
    await client.close();
  });
});

describe("a token that is refused", () => {
  const byCount = () => ({ status: 200, body: { access_token: `token-${logins.length}` } });

  test("is used no more: the call is a client error, and the user's next one logs in first", async () => {
    const client = await open({ auth: LOGIN });
    const user = testUser(0);
    loginAnswer = { status: 200, body: { access_token: "old" } };
    await drive(client.ops[0]!, user);
    refused.add("Bearer old");
    loginAnswer = { status: 200, body: { access_token: "new" } };
    expect(await drive(client.ops[0]!, user)).toMatchObject({ outcome: "client-error", status: "401", needed: null });
    expect(await drive(client.ops[0]!, user)).toMatchObject({ outcome: "ok", needed: { outcome: "ok" } });
    expect((await drive(client.ops[0]!, user)).needed).toBeNull();
    expect(seenAuth).toEqual(["Bearer old", "Bearer old", "Bearer new", "Bearer new"]);
    expect(logins).toHaveLength(2);
    await client.close();
  });

  test("by several calls at once costs one new login", async () => {
    const client = await open({ auth: LOGIN });
    const user = testUser(0);
    loginAnswer = byCount();
    await drive(client.ops[0]!, user);
    refused.add(seenAuth[0]);
    const both = await Promise.all([drive(client.ops[0]!, user), drive(client.ops[0]!, user)]);
    expect(both.map(({ status }) => status)).toEqual(["401", "401"]);
    loginAnswer = { status: 200, body: { access_token: "new" } };
    await Promise.all([drive(client.ops[0]!, user), drive(client.ops[0]!, user)]);
    expect(logins).toHaveLength(2);
    await client.close();
  });

  test("of the config is no reason to log in", async () => {
    const client = await open({ auth: { bearer: "abc" } });
    refused.add("Bearer abc");
    for (let i = 0; i < 2; i++) expect((await drive(client.ops[0]!, testUser(0))).status).toBe("401");
    expect(logins).toEqual([]);
    await client.close();
  });
});

describe("OAuth 2.0 client credentials", () => {
  const oauth2 = { token_url: "/auth/oauth", client_id: "me", client_secret: "s3cret", scope: "read write" };

  test("are a login: the client in the header, the grant as a form", async () => {
    const client = await open({ auth: { login: { oauth2 } } });
    const user = testUser(0);
    for (let i = 0; i < 2; i++) expect(await drive(client.ops[0]!, user)).toMatchObject({ outcome: "ok" });
    const form = "grant_type=client_credentials&scope=read+write";
    expect(logins).toEqual([`POST /auth/oauth ${form}Basic ${btoa("me:s3cret")}`]);
    expect(seenAuth).toEqual(["Bearer token-of-null", "Bearer token-of-null"]);
    expect(secrets).toEqual(["s3cret", btoa("me:s3cret"), "token-of-null"]);
    await client.close();
  });

  test("may stand in the body", async () => {
    const client = await open({ auth: { login: { oauth2: { ...oauth2, credentials: "body" } } } });
    await drive(client.ops[0]!, testUser(0));
    expect(logins).toEqual([
      "POST /auth/oauth grant_type=client_credentials&scope=read+write&client_id=me&client_secret=s3cret",
    ]);
    await client.close();
  });

  test("may be asked of another server", async () => {
    const id = await httpServer(async (_request, response) => sendJson(response, 200, { access_token: "from-there" }));
    const client = await open({ auth: { login: { oauth2: { ...oauth2, token_url: `http://${id.address}/token` } } } });
    await drive(client.ops[0]!, testUser(0));
    expect([logins, seenAuth]).toEqual([[], ["Bearer from-there"]]);
    await client.close();
    await id.close();
  });

  test("are rehearsed on the service's own address only", async () => {
    const id = await httpServer(async (_request, response) => sendJson(response, 200, {}));
    const auth = { login: { oauth2: { ...oauth2, token_url: `http://${id.address}/token` } } };
    const service = await resolveService(rest, "api", { host: server.address, auth, endpoints: [{ path: "/a" }] });
    const client = await rest.open(service, { drive: "users", secret: () => {}, rehearsal: true });
    await drive(client.ops[0]!, testUser(0));
    expect(id.accepted()).toBe(0);
    await client.close();
    await id.close();
  });
});
