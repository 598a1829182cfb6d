/** A service of several hosts: each call goes to one, and the report says what each gave. */
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { WebSocketServer } from "ws";
import { ok, serve } from "./service.ts";
import { emptyFolder, jsonReport, runFolder, tenfold, writeConfig } from "./tenfold.ts";

async function serveSocket(): Promise<{
  url: string;
  messages: () => number;
  connections: () => number;
  close(): void;
}> {
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
  let messages = 0;
  let connections = 0;
  server.on("connection", (socket) => {
    connections++;
    socket.on("message", (data) => {
      messages++;
      socket.send(String(data));
    });
  });
  await new Promise((done) => server.once("listening", done));
  const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { url, messages: () => messages, connections: () => connections, close: () => server.close() };
}

test("calls are spread over the hosts, users keep their sockets, and each host's count is the server's own", async () => {
  const cwd = emptyFolder();
  const down = await serve((_request, response) => void response.writeHead(503).end());
  const up = await serve(ok);
  const sockets = await Promise.all([serveSocket(), serveSocket()]);
  const text = `services:
  rest: { api: { hosts: [ "${up.url}", "${down.url}" ], endpoints: [ { path: /x } ] } }
  websocket: { chat: { hosts: [ "${sockets[0].url}", "${sockets[1].url}" ], messages: [ { send: hi } ] } }
scenarios: { s: { users: 20, duration: 2s, think_time: 20ms, criteria: [ { expect: "errors == 0", endpoint: each } ] } }
`;
  const { code, stdout } = await tenfold(["--config", writeConfig(cwd, text), "--format", "json,html"], cwd);
  for (const server of [up, down, ...sockets]) server.close();
  const { endpoints, criteria, total } = jsonReport(runFolder(cwd, "s"));
  const partsOf = (name: string) => endpoints.find((each) => each.name === name)!.hosts!;

  expect(code, stdout).toBe(99);
  expect(endpoints.map(({ name }) => name)).toEqual(["GET /x", "chat message", "chat connect"]);
  expect(partsOf("GET /x").map(({ host, requests, failures }) => [host, requests, failures])).toEqual([
    [up.url, up.counts.get("GET /x"), 0],
    [down.url, down.counts.get("GET /x"), down.counts.get("GET /x")],
  ]);
  expect(partsOf("chat message").map(({ requests }) => requests)).toEqual(sockets.map((each) => each.messages()));
  expect(partsOf("chat connect").map(({ requests }) => requests)).toEqual(sockets.map((each) => each.connections()));
  expect(sockets[0].connections() + sockets[1].connections()).toBe(20);
  expect(total.requests).toBe(endpoints.reduce((sum, { requests }) => sum + requests, 0));
  expect(criteria.map(({ scope, status }) => [scope, status])).toEqual([
    ["GET /x", "fail"],
    ["chat message", "pass"],
    ["chat connect", "pass"],
  ]);
});

test("a host that is not there is named, and nothing is sent to the others", async () => {
  const cwd = emptyFolder();
  const up = await serve(ok);
  const text = `services: { rest: { api: { hosts: [ "${up.url}", "http://127.0.0.1:9" ], wait_for_ready: 500ms, endpoints: [ { path: / } ] } } }\nscenarios: { s: { users: 1, duration: 1s } }\n`;
  const { code, stdout } = await tenfold(["--config", writeConfig(cwd, text)], cwd);
  up.close();
  expect([code, up.counts.size]).toEqual([97, 0]);
  expect(stdout).toContain("api at http://127.0.0.1:9 was not there");
});
