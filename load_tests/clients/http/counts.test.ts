import type { Socket } from "node:net";
import { expect, test } from "vitest";
import type { Outcome } from "../../core/model.ts";
import { integer, randomStream } from "../../core/random.ts";
import { drive, lateWords, openClient, testUser } from "../contract_driver.ts";
import { rawServer } from "./fixture.ts";
import { rest } from "./index.ts";

const answer = (status: string) => (socket: Socket) =>
  void socket.write(`HTTP/1.1 ${status}\r\ncontent-length: 2\r\n\r\n{}`);

/** What the server does, and what the client is to make of it. */
const DEEDS: readonly [Outcome, (socket: Socket) => void][] = [
  ["ok", answer("200 OK")],
  ["ok", answer("200 OK\r\nconnection: close")],
  ["client-error", answer("404 Not Found")],
  ["limited", answer("429 Too Many Requests")],
  ["server-error", answer("500 Oops")],
  ["reset", (socket) => void socket.destroy()],
  ["reset", (socket) => void socket.end("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf")],
  ["invalid", (socket) => void socket.write("garbage\r\n\r\n")],
  ["timeout", () => {}],
];

test.each(["per_user", "shared", "per_request"])(
  "with connections %s every call is counted once, as what the server did to it",
  async (connections) => {
    const random = randomStream(7);
    const done: Record<string, number> = {};
    const server = await rawServer((socket, request) => {
      const [outcome, deed] = DEEDS[Number(/\/(\d+)/.exec(request)![1])]!;
      done[outcome] = (done[outcome] ?? 0) + 1;
      deed(socket);
    });
    const client = await openClient(rest, {
      host: server.address,
      connections,
      endpoints: [{ path: "/{{iteration}}" }],
    });
    const seen: Record<string, number> = {};
    const use = async (index: number) => {
      const user = testUser(index);
      for (let i = 0; i < 20; i++) {
        const iteration = integer(random, 0, DEEDS.length - 1);
        const timeout = DEEDS[iteration]![0] === "timeout" ? 200 : 30_000;
        const { outcome } = await drive(client.ops[0]!, user, { iteration, timeout });
        seen[outcome] = (seen[outcome] ?? 0) + 1;
      }
    };
    await Promise.all(Array.from({ length: 20 }, (_, index) => use(index)));
    await client.close();
    await server.close();
    expect(seen).toEqual(done);
    expect(Object.values(seen).reduce((a, b) => a + b)).toBe(400);
    expect(lateWords.splice(0)).toEqual([]);
  },
);
