/** HTTP/1.1 with keep-alive, against nginx that answers at once. */
import { BODY, http as peers, undici } from "../peers.js";
import { CONTEST, contest } from "../runner.js";
import { withServer } from "../servers.js";
import { flatOut, get, post, tenfold } from "../tenfold.js";

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

const entriesOf = ({ connections, isPost, tools }, port) => [
  ...tools.map((tool) => peers[tool](port, connections, isPost)),
  { name: "tenfold", ...tenfold(isPost ? post(port, BODY) : get(port), flatOut(connections)) },
  undici(port, isPost ? "post" : "get", connections),
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
  return rows;
}

export const http = { title: "HTTP/1.1 with keep-alive, nginx", run, columns: CONTEST };
