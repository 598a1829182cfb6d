import { readFileSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { createServer, type Server } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { emptyFolder, jsonReport, runFolder, tenfold, writeConfig } from "./tenfold.ts";

let server: Server;
let address: string;
let asked: string[];
beforeEach(async () => {
  asked = [];
  server = createServer((socket) => {
    socket.on("error", () => {});
    socket.on("data", (line) => {
      asked.push(line.toString().trim());
      socket.end(line.toString().toUpperCase());
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(() => new Promise((resolve) => server.close(resolve)));

/** A protocol of lines over TCP, a criterion, and a report, as a user writes them. */
const OWN = `
import { connect } from "node:net";
import { defineCriterion, defineProtocol, defineReporter, z } from "tenfold";

const open = (host: string) => {
  const [name, port] = host.split(":");
  return connect(Number(port), name);
};

const line = defineProtocol({
  kind: "line",
  testType: "rest",
  schema: z.strictObject({ host: z.string(), ask: z.string() }),
  resolve: (name, { host, ask }) => ({
    ...{ name, protocol: "line", role: null, host, embedded: false, standIn: null, weight: 1, settings: null },
    ...{ timeout: 1000, connectTimeout: 1000, waitForReady: 5000 },
    endpoints: [{ name: "ask", method: "LINE", weight: 1, checks: [], settings: { ask } }],
  }),
  probe: (service) => new Promise((resolve, reject) => {
    const socket = open(service.host).on("error", reject).on("connect", () => resolve(void socket.destroy()));
  }),
  open: (service) => ({
    ops: service.endpoints.map((endpoint) => ({
      name: endpoint.name, method: endpoint.method, endpoint, firstItem: null, gap: null,
      start(user, values, call) {
        const text = (endpoint.settings as { ask: string }).ask;
        const socket = open(service.host).on("error", (error) => call.end("reset", "RESET", null, error.message));
        call.onAbort = () => socket.destroy();
        socket.on("data", (data) => {
          call.received(data.length);
          call.end(data.toString() === text.toUpperCase() ? "ok" : "invalid", "SAID");
        });
        call.sent(text.length);
        socket.write(text);
      },
    })),
    release() {},
    close: async () => {},
  }),
});

const answered = defineCriterion<number>({
  kind: "answered",
  example: "answered > 10",
  parse: (sentence) => { const [, n] = /^answered > (\\d+)$/.exec(sentence) ?? []; return n === undefined ? null : Number(n); },
  judge: ({ sentence, rule }, { seconds }) => {
    const ok = seconds.reduce((sum, second) => sum + second.ok, 0);
    return [{ criterion: sentence, scope: "all", status: ok > rule ? "pass" : "fail", observed: ok, limit: rule, unit: "", why: ok + " were" }];
  },
});
const breaks = defineCriterion<true>({
  kind: "breaks", example: "breaks", parse: (s) => (s === "breaks" ? true : null), judge: () => { throw new Error("no rule"); },
});
const mine = defineReporter({ format: "mine", render: ({ verdict }) => [{ path: "mine.txt", content: verdict }] });

export default [line, answered, breaks, mine];
`;

it("A user's own protocol, criterion and report run, judge and are written as those that ship", async () => {
  const cwd = emptyFolder();
  writeFileSync(join(cwd, "own.ts"), OWN);
  writeConfig(
    cwd,
    `
services: { line: { shouter: { host: "${address}", ask: hello } } }
plugins: [ ./own.ts ]
scenarios: { s: { users: 4, think_time: 5ms, iterations: 40, criteria: [ answered > 39, breaks ] } }
`,
  );
  const { code } = await tenfold(["--config", "tenfold.yaml", "--format", "json,mine", "--workers", "2"], cwd);
  expect(code).toBe(97);
  const folder = runFolder(cwd, "s");
  const { endpoints, criteria } = jsonReport(folder);
  expect(endpoints).toMatchObject([
    { name: "ask", service: "shouter", protocol: "line", method: "LINE", requests: 40 },
  ]);
  expect(endpoints[0]!.failures).toBe(0);
  expect(asked).toEqual(Array(40).fill("hello"));
  expect(criteria).toMatchObject([
    { criterion: "answered > 39", status: "pass", observed: 40 },
    { criterion: "breaks", status: "unknown", why: 'the criterion "breaks" threw no rule' },
  ]);
  expect(readFileSync(join(folder, "mine.txt"), "utf8")).toBe("unknown");
});
