import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import type { IncomingHttpHeaders } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeEach, describe, expect, test } from "vitest";
import { drive, openClient, testUser } from "../contract_driver.ts";
import type { TestServer } from "../loopback.ts";
import { bodyOf, httpServer } from "./fixture.ts";
import { rest } from "./index.ts";

interface Received {
  readonly line: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

const folder = mkdtempSync(join(tmpdir(), "tenfold-http-"));
const file = join(folder, "speech.wav");
writeFileSync(file, Buffer.from([0, 1, 2, 255]));
afterAll(() => rmSync(folder, { recursive: true }));

let server: TestServer;
const received: Received[] = [];
beforeEach(async () => {
  server = await httpServer(async (request, response) => {
    received.push({
      line: `${request.method} ${request.url}`,
      headers: request.headers,
      body: await bodyOf(request),
    });
    response.end();
  });
});
afterEach(async () => {
  received.length = 0;
  await server.close();
});

/** Sends the endpoint's request twice, as two iterations of user 7, and gives what the server got. */
async function sent(endpoint: object, service: object = {}): Promise<[Received, Received]> {
  const client = await openClient(rest, { host: `http://${server.address}`, endpoints: [endpoint], ...service });
  const user = testUser(7);
  for (const iteration of [0, 1]) {
    const seen = await drive(client.ops[0]!, user, { iteration });
    expect(seen).toMatchObject({ outcome: "ok", message: "" });
  }
  await client.close();
  return [received[0]!, received[1]!];
}

describe("the request line", () => {
  test.each([
    ["a plain path", { path: "/items" }, "GET /items"],
    ["a template in the path", { path: "/users/{{user.id}}/{{iteration}}" }, "GET /users/user-7/0"],
    ["a query", { path: "/items", query: { q: "a b&c", n: 3 } }, "GET /items?q=a+b%26c&n=3"],
    ["a query beside one in the path", { path: "/items?a=1", query: { b: "{{user.index}}" } }, "GET /items?a=1&b=7"],
    ["characters that no path may have", { path: "/grüße/{{user.id}} x" }, "GET /gr%C3%BC%C3%9Fe/user-7%20x"],
    ["what is encoded already", { path: "/a%20b" }, "GET /a%20b"],
    ["a method", { path: "/", method: "DELETE" }, "DELETE /"],
  ])("%s", async (_name, endpoint, line) => {
    expect((await sent(endpoint))[0].line).toBe(line);
  });

  test("a path in the host goes in front of every endpoint's", async () => {
    const [first] = await sent({ path: "/items" }, { host: `http://${server.address}/api/v1/` });
    expect(first.line).toBe("GET /api/v1/items");
  });

  test("a host without a scheme is http", async () => {
    expect((await sent({ path: "/x" }, { host: server.address }))[0].line).toBe("GET /x");
  });

  test("templates are filled anew for each call", async () => {
    const [first, second] = await sent({ path: "/{{iteration}}", headers: { "x-i": "{{iteration}}" } });
    expect([first.line, second.line]).toEqual(["GET /0", "GET /1"]);
    expect([first.headers["x-i"], second.headers["x-i"]]).toEqual(["0", "1"]);
  });
});

describe("headers", () => {
  test("an endpoint's replace the service's, whatever their case", async () => {
    const [{ headers }] = await sent(
      { path: "/", headers: { ACCEPT: "text/plain" } },
      { headers: { Accept: "application/json", "X-Run": "{{run.id}}" } },
    );
    expect(headers).toMatchObject({ accept: "text/plain", "x-run": "run-1", "user-agent": "tenfold" });
    expect(headers["accept-encoding"]).toBeUndefined();
  });

  test("the content type follows the body unless the config says it", async () => {
    const [{ headers }] = await sent({
      path: "/",
      method: "POST",
      json: {},
      headers: { "Content-Type": "application/vnd.api+json" },
    });
    expect(headers["content-type"]).toBe("application/vnd.api+json");
  });
});

describe("bodies", () => {
  test.each([
    ["json", { json: { a: [1, "x"] } }, "application/json", '{"a":[1,"x"]}'],
    ["json null", { json: null }, "application/json", "null"],
    [
      "json with templates",
      { json: { id: "{{user.id}}", n: "{{user.index}}" } },
      "application/json",
      '{"id":"user-7","n":7}',
    ],
    ["a form", { form: { a: "1 2", ü: "&" } }, "application/x-www-form-urlencoded", "a=1+2&%C3%BC=%26"],
    ["a form with templates", { form: { id: "{{user.id}}" } }, "application/x-www-form-urlencoded", "id=user-7"],
    ["text", { body: "plain ü" }, undefined, "plain ü"],
    ["text with templates", { body: "i={{iteration}}" }, undefined, "i=0"],
  ])("%s", async (_name, body, type, text) => {
    const [first] = await sent({ path: "/", method: "POST", ...body });
    expect(first.headers["content-type"]).toBe(type);
    expect(first.headers["content-length"]).toBe(String(first.body.length));
    expect(first.body.toString()).toBe(text);
  });

  test("a file is sent as it is", async () => {
    expect((await sent({ path: "/", method: "PUT", body_file: file }))[0].body).toEqual(Buffer.from([0, 1, 2, 255]));
  });

  test("a body may go with any method, and the connection is kept", async () => {
    const [first] = await sent({ path: "/", method: "GET", json: { q: 1 } });
    expect(first.body.toString()).toBe('{"q":1}');
    expect(server.accepted()).toBe(1);
  });

  test("a multipart form is read by another implementation as it was meant", async () => {
    const [first, second] = await sent({
      path: "/",
      method: "POST",
      multipart: {
        language: "en",
        who: "{{user.id}}/{{iteration}}",
        audio: { path: file, type: "audio/wav" },
        'odd"name': { bytes: "AAH/", filename: 'a"b.bin' },
        note: { text: "{{iteration}}", filename: "note.txt", type: "text/plain" },
      },
    });
    for (const [i, { headers, body }] of [first, second].entries()) {
      const form = await new Response(body, { headers: { "content-type": headers["content-type"]! } }).formData();
      expect([form.get("language"), form.get("who")]).toEqual(["en", `user-7/${i}`]);
      const [audio, odd, note] = ["audio", 'odd"name', "note"].map((name) => form.get(name) as File);
      expect([audio?.name, audio?.type, await audio?.arrayBuffer()]).toEqual([
        "speech.wav",
        "audio/wav",
        new Uint8Array([0, 1, 2, 255]).buffer,
      ]);
      expect([odd?.name, odd?.size, await note?.text()]).toEqual(['a"b.bin', 3, String(i)]);
    }
  });

  test("a multipart boundary is one that no part holds", async () => {
    const [{ headers, body }] = await sent({
      path: "/",
      method: "POST",
      multipart: { a: "----tenfold", b: "----tenfold-11" },
    });
    const form = await new Response(body, { headers: { "content-type": headers["content-type"]! } }).formData();
    expect([...form.values()]).toEqual(["----tenfold", "----tenfold-11"]);
  });

  test("POST without a body says that its length is 0", async () => {
    expect((await sent({ path: "/", method: "POST" }))[0].headers["content-length"]).toBe("0");
  });
});

test("a request that cannot be written is invalid, and says why", async () => {
  const client = await openClient(rest, {
    host: server.address,
    endpoints: [{ path: "/", headers: { a: "{{env.A}}" } }],
  });
  const call = (a: string) => drive(client.ops[0]!, testUser(0), { values: { env: { A: a } } });
  expect(await call("two\r\nlines")).toMatchObject({
    outcome: "invalid",
    status: "INVALID_REQUEST",
    message: "invalid a header",
  });
  expect(await call("fine")).toMatchObject({ outcome: "ok" });
  await client.close();
});
