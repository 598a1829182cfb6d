import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { addressOf } from "../address.ts";
import { drive, openClient, testUser } from "../contract_driver.ts";
import type { TestServer } from "../loopback.ts";
import { RequestHeaders } from "../wire/request.ts";
import { Cookies } from "./cookies.ts";
import { httpServer } from "./fixture.ts";
import { rest } from "./index.ts";

let server: TestServer;
let sets: string[] = [];
const seen: (string | undefined)[] = [];
const closing: (() => Promise<unknown>)[] = [];

beforeEach(async () => {
  seen.length = 0;
  sets = [];
  server = await httpServer((request, response) => {
    seen.push(request.headers.cookie);
    const to = request.url === "/login" ? { location: "/home" } : {};
    response.writeHead(request.url === "/login" ? 302 : 200, { "set-cookie": sets, ...to }).end();
  });
  closing.push(server.close);
});
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function open(config: object = {}) {
  const client = await openClient(rest, { host: server.address, endpoints: [{ path: "/a/b" }], ...config });
  closing.push(() => client.close());
  return client;
}

describe("the cookies of a user", () => {
  test("go with its next calls, and with nobody else's", async () => {
    sets = ["id=1; HttpOnly", "theme=dark"];
    const { ops } = await open();
    const [first, second] = [testUser(0), testUser(1)];
    for (const user of [first, first, second, first]) await drive(ops[0]!, user);
    expect(seen).toEqual([undefined, "id=1; theme=dark", undefined, "id=1; theme=dark"]);
  });

  test("are the user's also where connections are shared", async () => {
    sets = ["id=1"];
    const { ops } = await open({ connections: "shared" });
    for (const index of [0, 1, 0]) await drive(ops[0]!, testUser(index));
    expect(seen).toEqual([undefined, undefined, undefined]);
    const user = testUser(2);
    for (let i = 0; i < 2; i++) await drive(ops[0]!, user);
    expect(seen.at(-1)).toBe("id=1");
  });

  test("are taken from a redirect, before it is followed", async () => {
    sets = ["session=x; Path=/"];
    const { ops } = await open({ endpoints: [{ path: "/login", method: "POST" }] });
    expect(await drive(ops[0]!, testUser(0))).toMatchObject({ outcome: "ok" });
    expect(seen).toEqual([undefined, "session=x"]);
  });

  test("stand behind those that the config gives", async () => {
    sets = ["id=1"];
    const { ops } = await open({ headers: { Cookie: "consent=yes" } });
    const user = testUser(0);
    for (let i = 0; i < 2; i++) await drive(ops[0]!, user);
    expect(seen).toEqual(["consent=yes", "consent=yes; id=1"]);
  });

  test("are forgotten when its session ends", async () => {
    sets = ["id=1"];
    const client = await open();
    const user = testUser(0);
    await drive(client.ops[0]!, user);
    client.release(user);
    await drive(client.ops[0]!, user);
    expect(seen).toEqual([undefined, undefined]);
  });

  test("a value that is replaced or expires is gone", async () => {
    const { ops } = await open();
    const user = testUser(0);
    for (const [set] of [["a=1"], ["a=2"], ["a=; Max-Age=0"], [""]] as const) {
      sets = set === "" ? [] : [set];
      await drive(ops[0]!, user);
    }
    expect(seen).toEqual([undefined, "a=1", "a=2", undefined]);
  });
});

describe("a cookie goes where it may", () => {
  const at = (host: string) => addressOf({ name: "x", host });
  const sent = (set: string, to: string, path: string) => {
    const cookies = new Cookies();
    cookies.take([set], at("http://shop.example.com"), "/a/b");
    const request = { method: "GET", path, headers: new RequestHeaders([]), body: null } as const;
    return cookies.onto(request, at(to)).headers.pairs[1];
  };
  test.each([
    ["to its own host", "a=1", "http://shop.example.com", "/a/c", "a=1"],
    ["not to another", "a=1", "http://example.com", "/a/c", undefined],
    ["not below its host without a domain", "a=1", "http://x.shop.example.com", "/a/c", undefined],
    ["to its domain and below", "a=1; Domain=example.com", "http://www.example.com", "/a/c", "a=1"],
    ["not of a domain that is not the server's", "a=1; Domain=other.com", "http://other.com", "/a/c", undefined],
    ["not of a whole public suffix", "a=1; Domain=com", "http://shop.example.com", "/a/c", undefined],
    ["to the folder that it was set in", "a=1", "http://shop.example.com", "/a/", "a=1"],
    ["not beside it", "a=1", "http://shop.example.com", "/b", undefined],
    ["to its path and below", "a=1; Path=/x", "http://shop.example.com", "/x/y?z", "a=1"],
    ["not to a longer word of its path", "a=1; Path=/x", "http://shop.example.com", "/xy", undefined],
    ["a secure one over TLS only", "a=1; Path=/; Secure", "http://shop.example.com", "/", undefined],
    ["not after its expiry", "a=1; Expires=Thu, 01 Jan 1970 00:00:00 GMT", "http://shop.example.com", "/a/", undefined],
    ["what is no cookie is dropped", "=", "http://shop.example.com", "/a/", undefined],
  ])("%s", (_name, set, to, path, header) => {
    expect(sent(set, to, path)).toBe(header);
  });
});
