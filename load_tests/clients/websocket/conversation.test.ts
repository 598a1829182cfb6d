import { createServer, type Socket } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { DRIVERS } from "../../core/model.ts";
import type { Answer, Call, Client } from "../../core/plugin.ts";
import { until } from "../contract.ts";
import { drive, lateWords, openClient, testUser } from "../contract_driver.ts";
import { deferred, listening, type TestServer } from "../loopback.ts";
import { type Peer, type Play, webSocketServer } from "./fixture.ts";
import { websocket } from "./index.ts";

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
  expect(lateWords.splice(0)).toEqual([]);
});

const echo: Play = { message: ({ socket }, _text, { data, binary }) => socket.send(data, { binary }) };

describe.each(DRIVERS)("by the %s driver", (driver) => {
  async function open(server: TestServer, messages: object[], service: object = {}): Promise<Client> {
    const client = await openClient(websocket, { host: server.address, messages, driver, ...service });
    closing.push(server.close, () => client.close());
    return client;
  }

  /** A client of a server that plays so, with one message. */
  const scene = async (play: Play, message: object, service: object = {}) => {
    const server = await webSocketServer(play);
    const client = await open(server, [message], service);
    return { server, client, op: client.ops[0]! };
  };

  test("an answer that code holds stays as it was when the next one comes", async () => {
    const { client } = await scene(echo, { send: "x" });
    const user = testUser(0);
    const held: Answer[] = [];
    for (const send of ["first", "other"]) {
      const op = client.compile!({ send });
      const holding = (call: Call): Call =>
        Object.create(call, {
          end: {
            value: (...[outcome, status, answer, message]: Parameters<Call["end"]>) => {
              held.push(answer!);
              call.end(outcome, status, answer, message);
            },
          },
        });
      await drive({ ...op, start: (by, values, call) => op.start(by, values, holding(call)) }, user);
    }
    expect(held.map((answer) => answer.text())).toEqual(["first", "other"]);
  });

  describe("what is sent", () => {
    test.each([
      ["text", "hello", "hello", false],
      ["text with templates", "{{user.id}} {{iteration}}", "user-3 0", false],
      ["JSON", { type: "text", n: [1] }, '{"type":"text","n":[1]}', false],
      ["JSON with templates", { id: "{{user.id}}", n: "{{user.index}}" }, '{"id":"user-3","n":3}', false],
      ["a JSON list", [1, 2], "[1,2]", false],
      ["bytes", { bytes: "AAH/" }, "\u0000\u0001\ufffd", true],
      ["a JSON string is text", "{{iteration}}", "0", false],
    ])("%s", async (_name, send, text, binary) => {
      const got: [string, boolean][] = [];
      const message: Play["message"] = ({ socket }, message, raw) => {
        got.push([message, raw.binary]);
        socket.send("ok");
      };
      const { op } = await scene({ message }, { send });
      expect(await drive(op, testUser(3))).toMatchObject({ outcome: "ok", status: "OK", text: "ok", items: 1 });
      expect(got).toEqual([[text, binary]]);
    });

    test("path, headers and subprotocol of the upgrade are as the config says, for each user", async () => {
      const seen: object[] = [];
      const opened: Play["opened"] = ({ request: { url, headers } }) => {
        seen.push([url, headers["x-user"], headers.authorization, headers["sec-websocket-extensions"]]);
      };
      const server = await webSocketServer({ ...echo, opened }, "b");
      const client = await open(server, [{ send: "x" }], {
        host: `ws://me:pw@${server.address}/base`,
        path: "/ws/{user_id}?again={{user.id}}",
        headers: { "X-User": "{{user.index}}" },
        subprotocols: ["a", "b"],
      });
      for (const index of [1, 2]) expect(await drive(client.ops[0]!, testUser(index))).toMatchObject({ outcome: "ok" });
      const auth = `Basic ${btoa("me:pw")}`;
      expect(seen).toEqual([1, 2].map((i) => [`/base/ws/user-${i}?again=user-${i}`, String(i), auth, undefined]));
    });
  });

  describe("replies", () => {
    test("next: several messages of a user in flight are answered in order", async () => {
      const waiting: (() => void)[] = [];
      const play: Play = { message: ({ socket }, text) => void waiting.push(() => socket.send(text)) };
      const { op } = await scene(play, { send: { i: "{{iteration}}" } });
      const user = testUser(0);
      const calls = [0, 1, 2].map((iteration) => drive(op, user, { iteration }));
      await until("all are there", () => waiting.length === 3);
      for (const answer of waiting) answer();
      expect((await Promise.all(calls)).map(({ json }) => json)).toEqual([{ i: 0 }, { i: 1 }, { i: 2 }]);
    });

    test("by field: each message is answered by its own, whatever the order, and pushes are passed over", async () => {
      const held: [Peer, string][] = [];
      const { op } = await scene(
        { message: (peer, text) => void held.push([peer, text]) },
        { send: { id: "{{user.id}}-{{iteration}}" }, reply: { "$.id": "{{sent.id}}" } },
      );
      const user = testUser(0);
      const calls = [0, 1, 2].map((iteration) => drive(op, user, { iteration }));
      await until("all are there", () => held.length === 3);
      for (const [{ socket }, text] of held.reverse()) {
        socket.send("a push that is no JSON");
        socket.send('{"id":"nobody"}');
        socket.send(text);
      }
      for (const [iteration, seen] of (await Promise.all(calls)).entries())
        expect(seen).toMatchObject({ outcome: "ok", json: { id: `user-0-${iteration}` }, items: 1 });
    });

    test("by field: a number in the reply equals its text", async () => {
      const { op } = await scene(echo, { send: { n: 7 }, reply: { "$.n": "{{sent.n}}" } });
      expect(await drive(op, testUser(0))).toMatchObject({ outcome: "ok" });
    });

    test("count: the call ends with the n-th, each is an item, and checks see the last", async () => {
      const message: Play["message"] = ({ socket }) => {
        for (const n of [1, 2, 3]) socket.send(JSON.stringify({ n }));
      };
      const { op } = await scene({ message }, { send: "go", reply: { count: 3 }, checks: ["$.n == 3"] });
      expect(await drive(op, testUser(0))).toMatchObject({ outcome: "ok", items: 3, size: 21, json: { n: 3 } });
    });

    test("none: the call ends when the message is written", async () => {
      const got = deferred();
      const { op } = await scene({ message: () => got.resolve() }, { send: "fire", reply: "none" });
      expect(await drive(op, testUser(0))).toMatchObject({ outcome: "ok", status: "OK", items: 0 });
      await got.promise;
    });

    test("a failed check is invalid", async () => {
      const { op } = await scene(echo, { send: { type: "error" }, checks: ['$.type != "error"'] });
      expect(await drive(op, testUser(0))).toMatchObject({ outcome: "invalid" });
    });

    test("bytes are counted as they stand on the wire, both ways", async () => {
      const { op } = await scene(echo, { send: "12345" });
      const seen = await drive(op, testUser(0));
      // 2 bytes of head, 4 of mask; the server's frames have no mask.
      expect(seen).toMatchObject({ sent: 11, received: 7, size: 5 });
      expect(seen.needed?.sent).toBeGreaterThan(100);
      expect(seen.needed?.received).toBeGreaterThan(100);
    });
  });

  describe("the connection", () => {
    test("is opened once a user, as a call of its own, and closed with 1000 when the user leaves", async () => {
      const codes: number[] = [];
      const { op, server, client } = await scene({ ...echo, closed: (code) => void codes.push(code) }, { send: "x" });
      const user = testUser(0);
      expect((await drive(op, user)).needed).toMatchObject({
        op: "service connect",
        outcome: "ok",
        status: "101",
      });
      expect((await drive(op, user)).needed).toBeNull();
      expect(server.accepted()).toBe(1);
      client.release(user);
      await until("it is closed", () => codes.length === 1);
      expect(codes).toEqual([1000]);
      expect((await drive(op, user)).needed).toMatchObject({ outcome: "ok" });
    });

    test("with `connection: message` is opened for each message and closed after its reply", async () => {
      const { op, server } = await scene(echo, { send: "x" }, { connection: "message" });
      const user = testUser(0);
      for (let i = 0; i < 3; i++) expect((await drive(op, user)).needed).toMatchObject({ op: "service connect" });
      expect(server.accepted()).toBe(3);
      await until("all are closed", () => server.open() === 0);
    });

    test("is opened once for two messages of a user at the same time", async () => {
      const { op, server } = await scene(echo, { send: "x" });
      const user = testUser(0);
      const calls = await Promise.all([drive(op, user), drive(op, user)]);
      expect(calls.map(({ outcome }) => outcome)).toEqual(["ok", "ok"]);
      expect(server.accepted()).toBe(1);
    });

    test.each([
      [4001, "client-error"],
      [4999, "client-error"],
      [1008, "client-error"],
      [1009, "client-error"],
      [1011, "server-error"],
      [1012, "server-error"],
      [1013, "limited"],
      [1000, "reset"],
      [1001, "reset"],
    ])("closed with %i while a reply is outstanding is %s", async (code, outcome) => {
      const { op } = await scene({ message: ({ socket }) => socket.close(code, "because") }, { send: "x" });
      const seen = await drive(op, testUser(0));
      expect(seen).toMatchObject({ outcome, status: String(code), message: "because" });
    });

    test("a server that says goodbye and never hangs up does not hold the call", async () => {
      const message: Play["message"] = ({ wire }) => void wire.write(Buffer.from([0x88, 2, 0x0f, 0xa1]));
      const { op } = await scene({ message }, { send: "x" });
      expect(await drive(op, testUser(0), { timeout: 4000 })).toMatchObject({
        outcome: "client-error",
        status: "4001",
      });
    });

    test("closed between two messages is opened again, and no call fails", async () => {
      const peers: Peer[] = [];
      const { op, server } = await scene({ ...echo, opened: (peer) => void peers.push(peer) }, { send: "x" });
      const user = testUser(0);
      for (let i = 0; i < 3; i++) {
        expect(await drive(op, user)).toMatchObject({ outcome: "ok", needed: { outcome: "ok" } });
        peers.at(-1)!.socket.close(1001);
        await until("the server has let it go", () => server.open() === 0);
      }
      expect(server.accepted()).toBe(3);
    });

    test("a message cut in flight takes its connection with it, so that a late reply answers nobody else", async () => {
      const peers: Peer[] = [];
      let silent = true;
      const message: Play["message"] = ({ socket }, text) => {
        if (!silent) socket.send(text);
      };
      const { op } = await scene(
        { message, opened: (peer) => void peers.push(peer) },
        { send: { i: "{{iteration}}" } },
      );
      const user = testUser(0);
      expect(await drive(op, user, { timeout: 100 })).toMatchObject({ outcome: "timeout" });
      silent = false;
      peers[0]!.socket.send("late");
      expect(await drive(op, user, { iteration: 1 })).toMatchObject({
        outcome: "ok",
        json: { i: 1 },
        needed: { outcome: "ok" },
      });
    });
  });

  describe("an upgrade that is not granted", () => {
    const raw = async (respond: (socket: Socket) => void, service: object = {}) => {
      const server = await listening(
        createServer((socket) => {
          socket.on("data", () => respond(socket));
        }),
      );
      const client = await open(server, [{ send: "x" }], service);
      return { server, seen: await drive(client.ops[0]!, testUser(0), { timeout: 3000 }) };
    };
    const status = (line: string) => (socket: Socket) =>
      void socket.write(`HTTP/1.1 ${line}\r\ncontent-length: 0\r\n\r\n`);
    const upgraded = (accept: string) => (socket: Socket) =>
      void socket.write(
        `HTTP/1.1 101 x\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-accept: ${accept}\r\n\r\n`,
      );

    test.each([
      ["401", status("401 Unauthorized"), "client-error", "401"],
      ["429", status("429 Too Many Requests"), "limited", "429"],
      ["503", status("503 Unavailable"), "server-error", "503"],
      ["200", status("200 OK"), "invalid", "200"],
      ["another protocol", (socket: Socket) => void socket.write("220 smtp\r\n"), "invalid", "INVALID_ANSWER"],
      ["a wrong accept key", upgraded("nonsense"), "invalid", "INVALID_ANSWER"],
      ["a hang-up", (socket: Socket) => void socket.end(), "reset", "ECONNRESET"],
      ["a hang-up half-way", (socket: Socket) => void socket.end("HTTP/1.1 101 Swi"), "reset", "ECONNRESET"],
    ])("%s", async (_name, respond, outcome, code) => {
      const { seen, server } = await raw(respond);
      expect(seen).toMatchObject({ op: "service connect", outcome, status: code });
      expect(seen.message).not.toBe("");
      await until("the connection is let go", () => server.open() === 0);
    });

    test("not answered at all, it is cut with the call, and asked for again", async () => {
      const server = await listening(createServer((socket) => void socket.resume()));
      const client = await open(server, [{ send: "x" }]);
      const user = testUser(0);
      const calls = [drive(client.ops[0]!, user, { timeout: 100 }), drive(client.ops[0]!, user, { timeout: 3000 })];
      expect((await Promise.all(calls)).map(({ outcome }) => outcome)).toEqual(["timeout", "invalid"]);
      expect(client.ops[0]!.needs!(user)).toBe(client.ops.at(-1));
      await until("the connection is let go", () => server.open() === 0);
    });

    test("a TLS handshake that is not answered ends after connect_timeout as refused", async () => {
      const server = await listening(createServer((socket) => void socket.resume()));
      const client = await open(server, [{ send: "x" }], { host: `wss://${server.address}`, connect_timeout: "200ms" });
      const seen = await drive(client.ops[0]!, testUser(0));
      expect(seen).toMatchObject({ outcome: "refused", status: "CONNECT_TIMEOUT" });
      await until("the connection is let go", () => server.open() === 0);
    });
  });

  test("close says goodbye on every connection, and waits for no server that does not answer", async () => {
    const codes: number[] = [];
    const { op, client, server } = await scene({ ...echo, closed: (code) => void codes.push(code) }, { send: "x" });
    for (let i = 0; i < 5; i++) await drive(op, testUser(i));
    await client.close();
    await until("all are closed", () => server.open() === 0);
    expect(codes).toEqual([1000, 1000, 1000, 1000, 1000]);
  });
});
