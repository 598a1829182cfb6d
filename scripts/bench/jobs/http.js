/** HTTP/1.1 with keep-alive, plain and over TLS, against nginx that answers at once. */
import { BODY, https, http as peers, undici } from "../peers.js";
import { CONTEST, contest } from "../runner.js";
import { withServer } from "../servers.js";
import { flatOut, get, post, secureGet, tenfold } from "../tenfold.js";

const few = ["wrk", "autocannon"];
const all = ["wrk", "oha", "autocannon", "hey"];
const CASES = [
  { connections: 10, isPost: false, tools: few },
  { connections: 100, isPost: false, tools: all },
  { connections: 1000, isPost: false, tools: few },
  { connections: 10, isPost: true, tools: few },
  { connections: 100, isPost: true, tools: all },
  { connections: 1000, isPost: true, tools: few },
];
const REFERENCE = "driver: reference,";

const both = (servicesWith, connections) => [
  { name: "tenfold", ...tenfold(servicesWith(""), flatOut(connections)) },
  { name: "tenfold, driver: reference", ...tenfold(servicesWith(REFERENCE), flatOut(connections)) },
];

const entriesOf = ({ connections, isPost, tools }, port) => [
  ...tools.map((tool) => peers[tool](port, connections, isPost)),
  ...both((more) => (isPost ? post(port, BODY, more) : get(port, more)), connections),
  undici(port, isPost ? "post" : "get", connections),
];

const secureEntries = (connections, port) => [
  ...["wrk", "oha"].map((tool) => https[tool](port, connections)),
  ...both((more) => secureGet(port, more), connections),
];

async function run() {
  const rows = [];
  for (const each of CASES) {
    const kind = `${each.isPost ? "POST 1 KB" : "GET"}, ${each.connections} connections`;
    rows.push(
      ...(await withServer("nginx", [], (server) =>
        contest({ job: "http", kind, server, entries: entriesOf(each, server.port) }),
      )),
    );
  }
  const overTls = await withServer("nginx", [], (server) =>
    contest({
      job: "http",
      kind: "HTTPS GET, 100 connections",
      server,
      entries: secureEntries(100, server.securePort),
    }),
  );
  return [...rows, ...overTls];
}

export const http = { title: "HTTP/1.1 and HTTPS with keep-alive, nginx", run, columns: CONTEST };
