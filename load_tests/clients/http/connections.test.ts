import { createServer as createHttpServer, type ServerResponse } from "node:http";
import { createServer, type Socket } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import type { ClientHost } from "../../core/plugin.ts";
import { until } from "../contract.ts";
import { drive, lateWords, openClient, resolveService, testUser } from "../contract_driver.ts";
import { deferred, listening, type TestServer } from "../loopback.ts";
import { httpServer, rawServer } from "./fixture.ts";
import { rest } from "./index.ts";

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
  expect(lateWords.splice(0)).toEqual([]);
});

async function open(server: TestServer, config: object = {}, how: ClientHost["drive"] = "users") {
  const client = await openClient(rest, { host: server.address, endpoints: [{ path: "/" }], ...config }, how);
  closing.push(server.close, () => client.close());
  return { client, op: client.ops[0]! };
}

/** A server that holds its answers until `release` lets all go. */
async function holding() {
  const held: ServerResponse[] = [];
  const server = await httpServer((_request, response) => void held.push(response));
  return { server, held, release: () => held.splice(0).map((response) => response.end()) };
}

describe("connections", () => {
  test("shared ones are the default in arrivals drive: as many as calls at the same time, then used again", async () => {
    const { server, held, release } = await holding();
    const { op, client } = await open(server, {}, "arrivals");
    for (let round = 0; round < 3; round++) {
      const calls = Array.from({ length: 5 }, (_, index) => drive(op, testUser(round * 5 + index)));
      await until("all calls are there", () => held.length === 5);
      release();
      for (const seen of await Promise.all(calls)) expect(seen.outcome).toBe("ok");
    }
    expect(server.accepted()).toBe(5);
    client.release(testUser(0));
    expect(server.open()).toBe(5);
  });

  test("of many calls at once only some open one; the others take what comes back", async () => {
    const server = await httpServer((_request, response) => void response.end("x"));
    const { op } = await open(server, {}, "arrivals");
    const calls = Array.from({ length: 1500 }, (_, index) => drive(op, testUser(index), { timeout: 30_000 }));
    for (const seen of await Promise.all(calls)) expect(seen.outcome).toBe("ok");
    expect(server.accepted()).toBeLessThan(1125);
  });

  test.each(["shared", "per_user", "per_request"])(
    "are there for all of many calls at once (%s)",
    async (connections) => {
      const { server, held, release } = await holding();
      const { op } = await open(server, { connections });
      const calls = Array.from({ length: 100 }, (_, index) => drive(op, testUser(index)));
      await until("all calls are there", () => held.length === 100);
      release();
      for (const seen of await Promise.all(calls)) expect(seen.outcome).toBe("ok");
      expect(server.accepted()).toBe(100);
    },
  );

  test("are not opened for calls that were cut while they waited for one", async () => {
    const { server, held, release } = await holding();
    const { op } = await open(server, {}, "arrivals");
    const stops = Array.from({ length: 100 }, () => new AbortController());
    const cut = stops.map(({ signal }, index) => drive(op, testUser(index), { signal }));
    for (const stop of stops) stop.abort();
    for (const seen of await Promise.all(cut)) expect(seen.outcome).toBe("aborted");
    const call = drive(op, testUser(0));
    await until("the next call is there", () => held.length > 0);
    release();
    expect((await call).outcome).toBe("ok");
    expect(server.accepted()).toBeLessThan(50);
  });

  test("of shared ones the last used goes first", async () => {
    const { server, held, release } = await holding();
    const { op } = await open(server, { connections: "shared" });
    const ports: (number | undefined)[] = [];
    const call = async (count: number) => {
      const calls = Array.from({ length: count }, (_, index) => drive(op, testUser(index)));
      await until("all calls are there", () => held.length === count);
      ports.push(held.at(-1)!.req.socket.remotePort);
      release();
      await Promise.all(calls);
    };
    await call(3);
    for (let i = 0; i < 4; i++) await call(1);
    expect(new Set(ports.slice(1)).size).toBe(1);
  });

  test("per_request opens one for each call and closes it after", async () => {
    const server = await httpServer((_request, response) => void response.end("x"));
    const { op } = await open(server, { connections: "per_request" });
    for (let i = 0; i < 3; i++) expect((await drive(op, testUser(0))).outcome).toBe("ok");
    expect(server.accepted()).toBe(3);
    await until("all are closed", () => server.open() === 0);
  });

  test("two calls of one user at the same time have two connections, which the user keeps", async () => {
    const { server, held, release } = await holding();
    const { op } = await open(server);
    const user = testUser(0);
    for (let round = 0; round < 2; round++) {
      const calls = [drive(op, user), drive(op, user)];
      await until("both are there", () => held.length === 2);
      release();
      await Promise.all(calls);
    }
    expect(server.accepted()).toBe(2);
  });

  test("one under way when its user leaves is closed after its call", async () => {
    const { server, held, release } = await holding();
    const { op, client } = await open(server);
    const user = testUser(0);
    const call = drive(op, user);
    await until("the call is there", () => held.length === 1);
    client.release(user);
    release();
    expect((await call).outcome).toBe("ok");
    await until("it is closed", () => server.open() === 0);
  });

  test("a server that closes after each answer is followed without a failure", async () => {
    const server = await httpServer((_request, response) => void response.setHeader("connection", "close").end("x"));
    const { op } = await open(server);
    const user = testUser(0);
    for (let i = 0; i < 5; i++) expect((await drive(op, user)).outcome).toBe("ok");
    expect(server.accepted()).toBe(5);
  });

  test.each(["fast", "reference"])(
    "a server that closes after each answer and does not say so is followed without a failure (%s)",
    async (driver) => {
      const server = await rawServer((socket) => void socket.end("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"));
      const { op } = await open(server, { driver, endpoints: [{ path: "/", method: "POST", body: "x".repeat(3000) }] });
      const user = testUser(0);
      for (let i = 0; i < 5; i++) expect(await drive(op, user)).toMatchObject({ outcome: "ok", values: { reused: 0 } });
      expect(server.accepted()).toBe(5);
    },
  );

  /** A user with a connection that is closed just as the next call begins, without a turn of the event loop between. */
  async function closedAsItIsSent(endpoint: object, end: (socket: Socket) => void = (socket) => void socket.destroy()) {
    const sockets: Socket[] = [];
    const server = await rawServer((socket) => {
      sockets.push(socket);
      socket.write("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
    });
    const { op } = await open(server, { driver: "fast", endpoints: [{ path: "/", ...endpoint }] });
    const user = testUser(0);
    for (let i = 0; i < 2; i++) await drive(op, user);
    end(sockets.at(-1)!);
    return { seen: await drive(op, user), asked: () => sockets.length, server };
  }

  test.each([
    ["a GET", {}],
    ["a small POST, of which the server read nothing", { method: "POST", body: "x" }],
    ["a large PUT, which may be done twice", { method: "PUT", body: "x".repeat(100_000) }],
  ])(
    "a server that closes an idle one as %s goes out costs no call: it is sent again and counted",
    async (_, endpoint) => {
      const { seen, server } = await closedAsItIsSent(endpoint);
      expect(seen).toMatchObject({ outcome: "ok", values: { resent: 1 } });
      expect(server.accepted()).toBe(2);
    },
  );

  test("a large POST, of which the server may have read something, is not sent again, and told apart", async () => {
    const { seen, server } = await closedAsItIsSent({ method: "POST", body: "x".repeat(100_000) });
    expect(seen).toMatchObject({ outcome: "reset", status: "CLOSED_IDLE" });
    expect(server.accepted()).toBe(1);
  });

  test.each(["fast", "reference"])(
    "a server that closes one after it has read the request has failed, and is not asked again (%s)",
    async (driver) => {
      let asked = 0;
      const server = await rawServer((socket) => {
        asked++;
        if (asked < 3) socket.write("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
        else socket.destroy();
      });
      const { op } = await open(server, { driver });
      const user = testUser(0);
      for (let i = 0; i < 2; i++) await drive(op, user);
      expect(await drive(op, user)).toMatchObject({ outcome: "reset", status: "CLOSED", values: { reused: 1 } });
      expect(asked).toBe(3);
    },
  );

  test("one is not used again in the last second before its server gives it up", async () => {
    const answer = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\nkeep-alive: timeout=";
    const server = await rawServer((socket, request) => {
      socket.write(`${answer}${/\/(\d)/.exec(request)![1]}\r\n\r\n`);
    });
    const { op } = await open(server, { driver: "fast", endpoints: [{ path: "/{{iteration}}" }] });
    const user = testUser(0);
    for (const iteration of [5, 5, 1, 5]) expect((await drive(op, user, { iteration })).outcome).toBe("ok");
    expect(server.accepted()).toBe(2);
  });

  test("a service that died is refused, and reached by the first call after its return", async () => {
    const first = await httpServer((_request, response) => void response.end());
    const { op } = await open(first);
    const user = testUser(0);
    expect((await drive(op, user)).outcome).toBe("ok");
    await first.close();
    await until("the loss is seen", () => first.open() === 0);
    for (let i = 0; i < 5; i++) expect(["refused", "reset"]).toContain((await drive(op, user)).outcome);
    expect((await drive(op, user)).outcome).toBe("refused");
    const again = createHttpServer((_request, response) => void response.end());
    await new Promise<void>((done) => again.listen(first.port, "127.0.0.1", done));
    closing.push(() => new Promise((done) => again.close(done)));
    expect((await drive(op, user)).outcome).toBe("ok");
  });

  test.each(["resetAndDestroy", "destroy"] as const)(
    "an idle connection that breaks before anything was written to it costs no call (%s)",
    async (end) => {
      const sockets: Socket[] = [];
      const server = await rawServer((socket) => {
        sockets.push(socket);
        socket.write("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
      });
      const { op } = await open(server);
      const user = testUser(0);
      for (let i = 0; i < 10; i++) {
        // From a timer on, the event loop reads the loss before it lets undici write.
        await new Promise((timer) => setTimeout(timer));
        sockets.at(-1)?.[end]();
        expect(await drive(op, user)).toMatchObject({ outcome: "ok" });
      }
      expect(server.accepted()).toBe(10);
    },
  );
});

describe("connecting", () => {
  /** Accepts connections and says nothing. */
  const deaf = () => listening(createServer((socket) => void socket.resume()));

  test("an IPv6 address is called as any other", async () => {
    const six = createHttpServer((request, response) => void response.end(request.headers.host));
    await new Promise<void>((done) => six.on("error", () => done()).listen(0, "::1", done));
    if (!six.listening) return;
    closing.push(() => new Promise((done) => six.close(done)));
    const { port } = six.address() as { port: number };
    const client = await openClient(rest, {
      host: `http://[::1]:${port}`,
      endpoints: [{ path: "/", checks: [`body == "[::1]:${port}"`] }],
    });
    closing.push(() => client.close());
    expect(await drive(client.ops[0]!, testUser(0))).toMatchObject({ outcome: "ok" });
  });

  test("a call that is cut while it connects lets the connection go", async () => {
    const server = await deaf();
    const { op } = await open(server, { host: `https://${server.address}` });
    const seen = await drive(op, testUser(0), { timeout: 100 });
    expect(seen).toMatchObject({ outcome: "timeout" });
    await until("the connection is let go", () => server.open() === 0);
  });
});

describe("the probe", () => {
  const probe = async (host: string, ready?: string, signal = AbortSignal.timeout(3000)) => {
    const config = { host, endpoints: [{ path: "/" }], ...(ready !== undefined && { ready }) };
    const service = await resolveService(rest, "api", config);
    return rest.probe(service, signal);
  };

  test("asks the ready path: below 400 is there, all else is not", async () => {
    const server = await httpServer((request, response) => {
      response.writeHead(request.url === "/base/up" ? 204 : request.url === "/base/moved" ? 302 : 503).end();
    });
    closing.push(server.close);
    const host = `http://${server.address}/base`;
    await probe(host, "/up");
    await probe(host, "/moved");
    await expect(probe(host, "/down")).rejects.toThrow(
      `${server.address}/base/down answers 503, expected a status below 400`,
    );
    await until("no connection is left", () => server.open() === 0);
  });

  test("gives up when its time is up", async () => {
    const asked = deferred();
    const server = await httpServer(() => asked.resolve());
    closing.push(server.close);
    await expect(probe(server.address, "/up", AbortSignal.timeout(200))).rejects.toThrow("no answer in time");
    await asked.promise;
    await expect(probe(server.address, undefined, AbortSignal.abort())).rejects.toThrow("no connection in time");
  });
});
