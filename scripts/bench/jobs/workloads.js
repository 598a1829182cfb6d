/** What a workload costs beside its calls (five single requests, five steps of a task, the same five in code), and who listens to them. */
import { join } from "node:path";
import { http } from "../peers.js";
import { here } from "../programs.js";
import { CONTEST, contest, measure, present, rounds } from "../runner.js";
import { withServer } from "../servers.js";
import { flatOut, get, tenfold } from "../tenfold.js";

const USERS = 100;
const MANY = 10_000;
const ARRIVE_S = 10;
const QUERIES = ["a", "b", "c", "d", "e"];
const CHECK = 'checks: ["status == 200"]';
const PATH = (query) => `"/?${query}={{random.int 1 9}}", name: ${query}`;

const service = (port, endpoints = "") =>
  `rest: { api: { host: "http://127.0.0.1:${port}", wait_for_ready: 0, ${endpoints} } }`;
const single = `endpoints: [ ${QUERIES.map((query) => `{ path: ${PATH(query)}, ${CHECK} }`).join(", ")} ]`;
const steps = QUERIES.map((query) => `{ get: ${PATH(query)}, capture: { server: "header:server" }, ${CHECK} }`);
const FIVE_STEPS = `workloads: { five: { steps: [ ${steps.join(", ")} ] } }`;
const FIVE_IN_CODE = `workloads: { five: { file: ${JSON.stringify(join(here, "five_in_code.ts"))} } }`;

const flat = (port) => [
  { name: "five single requests", ...tenfold(service(port, single), flatOut(USERS)) },
  {
    name: "a task of five steps, with a template, a check and a capture each",
    ...tenfold(service(port), `workload: five, ${flatOut(USERS)}`, { more: FIVE_STEPS }),
  },
  {
    name: "the same in code",
    ...tenfold(service(port), `workload: five, ${flatOut(USERS)}`, { more: FIVE_IN_CODE }),
  },
];

const CAPTURE = 'capture: { id: "$.id" }';
const captured = QUERIES.map((query, i) => {
  const value = i === 0 ? "{{random.int 1 9}}" : "{{id}}";
  return `{ get: "/?${query}=${value}", name: ${query}, ${CAPTURE}, ${CHECK} }`;
});
const FIVE_CAPTURED = `workloads: { five: { steps: [ ${captured.join(", ")} ] } }`;

const besideC = (port) => [
  http.wrk(port, USERS, false),
  {
    name: "tenfold: steps, each with a template, a check and a capture by JSONPath",
    ...tenfold(service(port), `workload: five, ${flatOut(USERS)}`, { more: FIVE_CAPTURED }),
  },
];

const LOG = ["--log-requests"];
const SINK = `plugins: [ ${JSON.stringify(join(here, "sink.ts"))} ]`;

const heard = (port) => [
  { name: "nobody listens", ...tenfold(get(port), flatOut(USERS)) },
  { name: "the log of requests", ...tenfold(get(port), flatOut(USERS), { asked: LOG }) },
  { name: "a sink that hears of a tenth", ...tenfold(get(port), flatOut(USERS), { more: SINK }) },
];

const waiting = `workload: five, spawn_rate: ${MANY / ARRIVE_S}, think_time: 5s..15s`;
const crowd = ({ port }) => [
  { name: "1 user of five steps", users: 1, ...one(port, FIVE_STEPS) },
  { name: "10,000 users of five steps", users: MANY, ...many(port, FIVE_STEPS) },
  { name: "1 user in code", users: 1, ...one(port, FIVE_IN_CODE) },
  { name: "10,000 users in code", users: MANY, ...many(port, FIVE_IN_CODE) },
];
const one = (port, more) => tenfold(service(port), `users: 1, ${waiting}`, { more });
const many = (port, more) => tenfold(service(port), `users: ${MANY}, ${waiting}`, { more });

const take = async (server) => {
  const load = { seconds: 5, warmUp: ARRIVE_S + 1 };
  const each = async (entry) => ({ users: entry.users, ...(await measure(entry, server, load)) });
  const waited = await rounds(present(crowd(server)), each, 1);
  return [
    ...(await contest({ job: "workloads", kind: `HTTP GET, ${USERS} users`, server, entries: flat(server.port) })),
    ...(await contest({ job: "workloads", kind: "steps beside wrk", server, entries: besideC(server.port) })),
    ...(await contest({ job: "workloads", kind: "listened to", server, entries: heard(server.port) })),
    ...waited.map((row) => ({ job: "workloads", kind: "users who think 5 to 15 s", ...row })),
  ];
};

/** Peak memory beyond that of the one user before it: what waits for the garbage collector counts. */
const beyondOne = (rows, row) => {
  const single = rows.slice(0, rows.indexOf(row)).findLast(({ users }) => users === 1);
  return row.users > 1 ? ((row.rss_mb - single.rss_mb) * 1024) / row.users : Number.NaN;
};

const columns = (rows) => [...CONTEST(rows), ["KB a user", (row) => beyondOne(rows, row)]];

export const workloads = { title: "Workloads, nginx", run: () => withServer("nginx", [], take), columns };
