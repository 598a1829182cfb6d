/** From the start of the process to the first request that the server answers. */
import { http } from "../peers.js";
import { present, rounds, untilFirstAnswer } from "../runner.js";
import { withServer } from "../servers.js";
import { flatOut, get, tenfold } from "../tenfold.js";

const USERS = 10;

const ENDPOINTS = 100;
const endpoint = (_, i) =>
  `{ path: "/items${i}/{{random.int 1 9}}", headers: { x-user: "{{user.id}}" }, checks: ["status == 200", "size < 64KB"] }`;
const manyEndpoints = (port) =>
  `rest: { api: { host: "http://127.0.0.1:${port}", wait_for_ready: 0, endpoints: [ ${Array.from({ length: ENDPOINTS }, endpoint).join(", ")} ] } }`;

const entriesOf = (port) => [
  { name: "tenfold", ...tenfold(get(port), flatOut(USERS)) },
  {
    name: `tenfold, ${ENDPOINTS} endpoints with templates and checks`,
    ...tenfold(manyEndpoints(port), flatOut(USERS)),
  },
  ...["wrk", "oha", "hey", "autocannon", "goose", "k6", "artillery", "gatling"].map((tool) => http[tool](port, USERS)),
  http.locust(port, USERS, "FastHttpUser"),
];

async function run() {
  const take = (server) =>
    rounds(present(entriesOf(server.port)), async (entry) => ({ seconds: await untilFirstAnswer(entry, server) }));
  const rows = await withServer("slow", [0, 0], take);
  return rows.map((row) => ({ job: "startup", kind: "HTTP GET", ...row }));
}

const columns = () => [
  ["", ({ name }) => name],
  ["seconds to the first answer", ({ seconds }) => seconds],
];

export const startup = { title: "Start-up", run, columns };
