/** gRPC against a server of grpc++: unary calls over one and ten channels, and streams of 50 messages. */
import { grpcJs, grpc as peers } from "../peers.js";
import { CONTEST, contest } from "../runner.js";
import { withServer } from "../servers.js";
import { flatOut, grpc as service, tenfold } from "../tenfold.js";

const CASES = [
  { kind: "unary, 1 channel", method: "Say", plain: "unary", calls: 100, connections: 1 },
  { kind: "unary, 10 channels", method: "Say", plain: "unary", calls: 100, connections: 10 },
  { kind: "50 messages a call, 10 channels", method: "Many", plain: "streaming", calls: 100, connections: 10 },
];

const entriesOf = ({ method, plain, calls, connections }, port) => [
  peers.h2load(port, { method, calls, connections }),
  peers.ghz(port, { method, calls, connections }),
  { name: "tenfold", ...tenfold(service(port, method, connections), flatOut(calls)) },
  { name: "tenfold, driver: reference", ...tenfold(service(port, method, connections, "reference"), flatOut(calls)) },
  grpcJs(port, plain, calls, connections),
];

async function run() {
  const rows = [];
  for (const each of CASES) {
    const take = (server) => contest({ job: "grpc", kind: each.kind, server, entries: entriesOf(each, server.port) });
    rows.push(...(await withServer("grpc", [], take)));
  }
  return rows;
}

export const grpc = { title: "gRPC, grpc++ (requests are calls), 100 in flight", run, columns: CONTEST };
