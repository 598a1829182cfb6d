import { afterEach, describe, expect, test } from "vitest";
import { drive, openClient, testUser } from "../contract_driver.ts";
import type { TestServer } from "../loopback.ts";
import { bodyOf, httpServer } from "./fixture.ts";
import { rest } from "./index.ts";

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

const lines: string[] = [];

/** `/<status>` redirects to `to` with that status; all else is answered. */
async function redirecting(to: string): Promise<TestServer> {
  lines.length = 0;
  const server = await httpServer(async (request, response) => {
    const auth = request.headers.authorization === undefined ? "" : " with credentials";
    lines.push(`${request.method} ${request.url} ${await bodyOf(request)}`.trim() + auth);
    const status = Number(/^\/(\d{3})$/.exec(request.url ?? "")?.[1] ?? 200);
    response.writeHead(status, status < 300 ? {} : { location: to }).end(`body of ${status}`);
  });
  closing.push(server.close);
  return server;
}

async function call(server: TestServer, endpoint: object, service: object = {}) {
  const client = await openClient(rest, { host: server.address, endpoints: [endpoint], ...service });
  closing.push(() => client.close());
  return drive(client.ops[0]!, testUser(0));
}

describe("redirects", () => {
  test.each([
    [301, "GET", "GET /end"],
    [301, "POST", "GET /end"],
    [302, "POST", "GET /end"],
    [302, "PUT", "PUT /end data"],
    [303, "POST", "GET /end"],
    [303, "PUT", "GET /end"],
    [307, "POST", "POST /end data"],
    [308, "POST", "POST /end data"],
  ])("a %i to a %s is followed by %s, in the same call over the same connection", async (status, method, next) => {
    const server = await redirecting("end");
    const body = method === "GET" ? {} : { body: "data" };
    const seen = await call(server, { path: `/${status}`, method, ...body, checks: ["body contains body"] });
    expect(seen).toMatchObject({ outcome: "ok", status: "200", text: "body of 200", items: 1 });
    expect(lines[1]).toBe(next);
    expect(server.accepted()).toBe(1);
  });

  test("a loop ends after as many as the config allows, as invalid", async () => {
    const server = await redirecting("/302");
    expect(await call(server, { path: "/302" }, { redirects: 3 })).toMatchObject({
      outcome: "invalid",
      status: "302",
      message: 'more than 3 redirects, the last to "/302"',
    });
    expect(lines).toHaveLength(4);
  });

  test("with redirects: 0 the redirect is the answer", async () => {
    const server = await redirecting("/end");
    expect(await call(server, { path: "/302", checks: ["status == 302"] }, { redirects: 0 })).toMatchObject({
      outcome: "ok",
    });
    expect(lines).toEqual(["GET /302"]);
  });

  test.each(["mailto:me@example.com", "http://[bad"])("one to %s is invalid", async (location) => {
    const seen = await call(await redirecting(location), { path: "/302" });
    expect(seen).toMatchObject({ outcome: "invalid", status: "302" });
    expect(seen.message).toContain(location);
  });

  test("one to another origin goes there, without the credentials", async () => {
    const other = await httpServer((request, response) => {
      lines.push(`other ${request.headers.host} ${request.headers.authorization}`);
      response.end();
    });
    closing.push(other.close);
    const server = await redirecting(`http://${other.address}/there`);
    expect(await call(server, { path: "/307" }, { auth: { bearer: "secret" } })).toMatchObject({ outcome: "ok" });
    expect(lines).toEqual(["GET /307 with credentials", `other ${other.address} undefined`]);
  });

  test("one to where nothing listens is refused", async () => {
    const gone = await httpServer(() => {});
    await gone.close();
    const seen = await call(await redirecting(`http://${gone.address}/`), { path: "/307" });
    expect(seen).toMatchObject({ outcome: "refused", status: "ECONNREFUSED" });
  });
});
