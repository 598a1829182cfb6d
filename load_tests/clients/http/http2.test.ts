import { createSecureServer, type ServerHttp2Session } from "node:http2";
import type { TlsOptions } from "node:tls";
import { describe, expect, test } from "vitest";
import { until } from "../contract.ts";
import { drive, openClient, testUser } from "../contract_driver.ts";
import { outcomeOfStatus } from "../failure.ts";
import { listening } from "../loopback.ts";
import { framesServer, STRAY } from "../raw_http2.ts";
import { rest } from "./index.ts";
import { httpsStage, tellsHandshake } from "./stage.ts";

const stage = httpsStage();

const serve = (options: TlsOptions) => stage.https(options, tellsHandshake);

describe("HTTP/2", () => {
  const serveBoth = async (allowHTTP1: boolean) => {
    const server = createSecureServer({ ...stage.certificates.good.pem, allowHTTP1 }, (request, response) => {
      response.setHeader("set-cookie", "seen=1");
      if (request.url === "/reset") return void request.stream.close(2);
      const { httpVersion: version, headers } = request;
      request.resume().on("end", () => response.end(JSON.stringify({ version, cookie: headers.cookie })));
    });
    const listened = await listening(server);
    stage.later(listened.close);
    return listened;
  };
  const open = async (address: string, service: object = {}) => {
    const client = await openClient(rest, {
      host: `https://${address}`,
      tls: { ca: stage.certificates.authority.cert },
      endpoints: [
        { path: "/", checks: ["$ exists"] },
        { path: "/post", method: "POST", json: { a: 1 }, checks: ["$ exists"] },
        { path: "/reset" },
      ],
      ...service,
    });
    stage.later(() => client.close());
    return client;
  };

  test("is spoken on request, over one connection a user, with cookies and bodies", async () => {
    const server = await serveBoth(true);
    const client = await open(server.address, { http2: true });
    const user = testUser(0);
    for (let i = 0; i < 3; i++) {
      const seen = await drive(client.ops[i % 2]!, user);
      expect(seen).toMatchObject({ outcome: "ok", status: "200", json: { version: "2.0" } });
      expect(seen.received).toBeGreaterThan(0);
      expect(seen.sent).toBeGreaterThan(0);
      if (i > 0) expect(seen.json).toMatchObject({ cookie: "seen=1" });
    }
    expect(server.accepted()).toBe(1);
  });

  test("is left alone unless asked for, and where the server does not speak it", async () => {
    const both = await serveBoth(true);
    expect((await drive((await open(both.address)).ops[0]!, testUser(0))).json).toMatchObject({ version: "1.1" });
    const plain = await serve(stage.certificates.good.pem);
    const client = await open(plain.address, { http2: true });
    expect(await drive(client.ops[0]!, testUser(0))).toMatchObject({ outcome: "ok" });
  });

  test("a stream that the server resets is a reset, and the next call works", async () => {
    const server = await serveBoth(true);
    const client = await open(server.address, { http2: true });
    const user = testUser(0);
    expect(await drive(client.ops[2]!, user)).toMatchObject({ outcome: "reset" });
    expect(await drive(client.ops[0]!, user)).toMatchObject({ outcome: "ok" });
  });

  test("a call cut on its way lets its connection go", async () => {
    const server = createSecureServer(stage.certificates.good.pem, () => {});
    const listened = await listening(server);
    stage.later(listened.close);
    const client = await open(listened.address, { http2: true });
    expect(await drive(client.ops[0]!, testUser(0), { timeout: 200 })).toMatchObject({ outcome: "timeout" });
  });

  test("a frame of a stream that nobody opened ends a call with its time, and its connection", async () => {
    const server = await framesServer(stage.certificates.good, STRAY);
    stage.later(server.close);
    const client = await open(server.address, { http2: true });
    expect(await drive(client.ops[0]!, testUser(0), { timeout: 300 })).toMatchObject({ outcome: "timeout" });
    await until("the connection is gone", () => server.open() === 0);
  });

  test("an idle connection that the server closed costs no call", async () => {
    const sessions: ServerHttp2Session[] = [];
    const server = createSecureServer(stage.certificates.good.pem, (_request, response) => void response.end("{}"));
    server.on("session", (session) => sessions.push(session));
    const listened = await listening(server);
    stage.later(listened.close);
    const client = await open(listened.address, { http2: true });
    const user = testUser(0);
    for (let i = 0; i < 3; i++) {
      expect(await drive(client.ops[0]!, user)).toMatchObject({ outcome: "ok" });
      sessions.at(-1)!.close();
      await until("the connection is gone", () => listened.open() === 0);
    }
    expect(listened.accepted()).toBe(3);
  });

  test("a server that dies half-way through its answer is a reset", async () => {
    const server = createSecureServer(stage.certificates.good.pem, (request, response) => {
      response.writeHead(200, { "content-length": 100 }).write("half", () => request.stream.session!.destroy());
    });
    const listened = await listening(server);
    stage.later(listened.close);
    const client = await open(listened.address, { http2: true });
    expect(await drive(client.ops[0]!, testUser(0))).toMatchObject({ outcome: "reset" });
  });

  test.each([404, 429, 503])("status %d is told as over HTTP/1.1", async (status) => {
    const server = createSecureServer(stage.certificates.good.pem, (_request, response) => {
      response.writeHead(status).end("why");
    });
    const listened = await listening(server);
    stage.later(listened.close);
    const client = await open(listened.address, { http2: true });
    const { outcome, message } = await drive(client.ops[2]!, testUser(0));
    expect([outcome, message]).toEqual([outcomeOfStatus(status), "why"]);
  });

  test("an untrusted certificate is refused, and nothing is left of it", async () => {
    const server = await serveBoth(true);
    const client = await open(server.address, { http2: true, tls: {} });
    expect(await drive(client.ops[0]!, testUser(0))).toMatchObject({ outcome: "refused" });
    await until("the connection is gone", () => server.open() === 0);
  });

  test("users in arrivals drive share connections, one call at a time on each", async () => {
    const server = await serveBoth(true);
    const client = await open(server.address, { http2: true, connections: "shared" });
    const calls = await Promise.all(Array.from({ length: 5 }, (_, i) => drive(client.ops[0]!, testUser(i))));
    expect(calls.map(({ outcome }) => outcome)).toEqual(Array(5).fill("ok"));
    await drive(client.ops[0]!, testUser(9));
    expect(server.accepted()).toBe(5);
  });
});
