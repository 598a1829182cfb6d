import { createServer as createSecureServer } from "node:https";
import fc from "fast-check";
import { afterEach, describe, expect, test } from "vitest";
import { WebSocketServer } from "ws";
import { DRIVERS } from "../../core/model.ts";
import type { Call, ClientHost, Op } from "../../core/plugin.ts";
import { makeCertificates } from "../certificates.ts";
import { until } from "../contract.ts";
import { drive, lateWords, openClient, resolveService, testUser } from "../contract_driver.ts";
import { listening } from "../loopback.ts";
import { type Peer, type Play, webSocketServer } from "./fixture.ts";
import { websocket } from "./index.ts";
import { timeOf } from "./push.ts";

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
  expect(lateWords.splice(0)).toEqual([]);
});

/** A call that nobody asked for, as the client told it. */
interface Begun {
  readonly op: string;
  readonly user: string;
  readonly since: number | undefined;
  received: number;
  ended: string | null;
  text: string;
}

const echo: Play = { message: ({ socket }, _text, { data, binary }) => socket.send(data, { binary }) };

describe.each(DRIVERS)("by the %s driver", (driver) => {
  /** A client whose host begins calls on its own, and whose time for pings is told by `tick`. */
  async function scene(play: Play, config: object) {
    const begun: Begun[] = [];
    const ticks = new Set<() => void>();
    const begin = (op: Op, user: { id: string }, since?: number): Call => {
      const entry: Begun = { op: op.name, user: user.id, since, received: 0, ended: null, text: "" };
      begun.push(entry);
      const nothing = () => {};
      return {
        ...{
          timeout: 5000,
          begun: 0,
          now: () => 0,
          onAbort: null,
          span: 0,
          sent: nothing,
          item: nothing,
          mark: nothing,
        },
        ...{ value: nothing, at: nothing },
        received: (bytes) => {
          entry.received += bytes;
        },
        end: (outcome, status, answer) => {
          entry.ended = `${outcome} ${status}`;
          entry.text = answer?.text() ?? "";
        },
      };
    };
    const every = (_delay: number, fn: () => void) => {
      ticks.add(fn);
      return () => ticks.delete(fn);
    };
    const peers: Peer[] = [];
    const server = await webSocketServer({ ...play, opened: (peer) => peers.push(peer) });
    const host: ClientHost = { drive: "users", secret: () => {}, begin, every };
    const service = await resolveService(websocket, "chat", {
      host: server.address,
      messages: [{ send: "x" }],
      driver,
      ...config,
    });
    const client = await websocket.open(service, host);
    closing.push(server.close, () => client.close());
    return { client, op: client.ops[0]!, begun, peers, tick: () => ticks.forEach((fn) => void fn()), ticks };
  }

  describe("pushes", () => {
    const pushes = { timestamp: "$.ts" };

    test("are calls of an endpoint of their own, from the time that they say", async () => {
      const { client, op, begun, peers } = await scene(echo, { pushes });
      expect(client.ops.map(({ name }) => name)).toEqual(["chat message", "chat push", "chat connect"]);
      await drive(op, testUser(0));
      peers[0]!.socket.send('{"ts":1700000000000,"n":1}');
      await until("the push is there", () => begun.length === 1);
      expect(begun).toMatchObject([
        {
          op: "chat push",
          user: "user-0",
          since: 1.7e12,
          ended: "ok OK",
          text: '{"ts":1700000000000,"n":1}',
          received: 28,
        },
      ]);
    });

    test("answer no message that takes the next one", async () => {
      const message: Play["message"] = ({ socket }, text) => {
        socket.send('{"ts":1700000000}');
        socket.send(text);
      };
      const { op, begun } = await scene({ message }, { pushes });
      expect(await drive(op, testUser(0))).toMatchObject({ outcome: "ok", text: "x" });
      expect(begun).toMatchObject([{ op: "chat push", since: 1.7e12 }]);
    });

    test("are none where a field says that they answer, or where they say no time", async () => {
      const message: Play["message"] = ({ socket }) => {
        for (const text of ["no JSON", '{"ts":"soon"}', '{"id":2}', '{"id":1,"ts":1700000000}']) socket.send(text);
      };
      const { op, begun } = await scene(
        { message },
        { pushes, messages: [{ send: { id: 1 }, reply: { "$.id": "{{sent.id}}" } }] },
      );
      expect(await drive(op, testUser(0))).toMatchObject({ outcome: "ok", json: { id: 1 } });
      expect(begun).toEqual([]);
    });
  });

  describe("pings", () => {
    test("go out in time, one at a time, and are calls that end with the pong", async () => {
      const { client, op, begun, tick } = await scene(echo, { ping: "20s" });
      expect(client.ops.map(({ name }) => name)).toEqual(["chat message", "chat ping", "chat connect"]);
      await drive(op, testUser(0));
      tick();
      tick();
      await until("the pong is there", () => begun[0]?.ended !== null);
      expect(begun).toMatchObject([{ op: "chat ping", ended: "ok PONG", received: 2 }]);
      tick();
      expect(begun).toHaveLength(2);
    });

    test("end with the connection, and with the user", async () => {
      const { client, op, begun, tick, peers, ticks } = await scene(echo, { ping: "20s" });
      await drive(op, testUser(0));
      await drive(op, testUser(1));
      for (const { socket } of peers) socket.pause();
      tick();
      client.release(testUser(0));
      peers[1]!.socket.resume();
      peers[1]!.socket.terminate();
      await until("the lost one has ended", () => begun[1]?.ended !== null);
      expect(begun[1]).toMatchObject({ user: "user-1", ended: expect.stringMatching(/^(reset|ok)/) });
      await until("no ping is due any more", () => ticks.size <= 1);
    });

    test("of the server are answered", async () => {
      const { op, peers } = await scene(echo, {});
      await drive(op, testUser(0));
      await new Promise((done) => peers[0]!.socket.once("pong", done).ping());
    });
  });

  describe("what a server may send", () => {
    const fragment = (wire: Peer["wire"], ...frames: number[][]) =>
      frames.forEach((frame) => void wire.write(Buffer.from(frame)));

    test("a reply in fragments, with a ping between them, is one message", async () => {
      const message: Play["message"] = ({ wire }) =>
        fragment(wire, [0x01, 2, 0x61, 0x62], [0x89, 0], [0x00, 1, 0x63], [0x80, 1, 0x64]);
      const { op } = await scene({ message }, {});
      expect(await drive(op, testUser(0))).toMatchObject({ outcome: "ok", text: "abcd", items: 1 });
    });

    test("bytes come back as bytes", async () => {
      const { op } = await scene(echo, { messages: [{ send: { bytes: "AP8=" } }] });
      expect(await drive(op, testUser(0))).toMatchObject({ outcome: "ok", size: 2 });
    });

    test.each<[string, number[], string]>([
      ["a frame larger than anything that makes sense", [0x82, 127, 0, 0, 0, 1, 0, 0, 0, 0], "invalid"],
      ["a masked frame", [0x81, 0x81, 1, 2, 3, 4, 5], "invalid"],
      ["a text that is no UTF-8", [0x81, 1, 0xff], "invalid"],
      ["a frame of no known kind", [0x83, 0], "invalid"],
    ])("%s is %s", async (_name, frame, outcome) => {
      const { op } = await scene({ message: ({ wire }) => fragment(wire, frame) }, {});
      expect(await drive(op, testUser(0))).toMatchObject({ outcome, status: "INVALID_ANSWER" });
    });
  });

  test.each([
    ["trusted by its authority", "good", true, "ok"],
    ["refused where nobody knows its authority", "good", false, "refused"],
    ["refused once it has expired", "expired", true, "refused"],
    ["refused under another name", "misnamed", true, "refused"],
  ] as const)("a server's certificate is %s", async (_name, which, known, outcome) => {
    const certificates = makeCertificates();
    closing.push(() => certificates.remove());
    const http = createSecureServer(certificates[which].pem);
    const sockets = new WebSocketServer({ server: http });
    sockets.on("connection", (socket) => socket.on("message", (data) => socket.send(data)));
    const server = await listening(http);
    const tls = known ? { tls: { ca: certificates.authority.cert } } : {};
    const client = await openClient(websocket, {
      host: `wss://${server.address}`,
      messages: [{ send: "x" }],
      driver,
      ...tls,
    });
    closing.push(server.close, () => client.close());
    const seen = await drive(client.ops[0]!, testUser(0));
    expect(seen.outcome).toBe(outcome);
    if (outcome === "refused") expect(seen.message).not.toBe("");
  });
});

describe("the time of a push", () => {
  test.each([
    [1700000000, 1.7e12],
    [1700000000.5, 1700000000500],
    [1700000000000, 1.7e12],
    [1700000000000000, 1.7e12],
    [1700000000000000000, 1.7e12],
    ["1700000000", 1.7e12],
    ["2023-11-14T22:13:20Z", 1.7e12],
    ["soon", undefined],
    ["", undefined],
    [null, undefined],
    [0, undefined],
    [-1, undefined],
  ])("%j is the time %s", (value, time) => {
    expect(timeOf(value)).toBe(time);
  });

  test("any instant of this century is read from each unit", () => {
    fc.assert(
      fc.property(fc.integer({ min: 978_307_200_000, max: 4_102_444_800_000 }), (ms) => {
        for (const scaled of [ms / 1000, ms, ms * 1000, ms * 1e6, new Date(ms).toISOString()])
          expect(timeOf(scaled)).toBeCloseTo(ms, 0);
      }),
    );
  });
});
