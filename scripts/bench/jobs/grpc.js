/** gRPC: unary calls over one and ten channels and streams of 50 messages of grpc++, and those streams of a server of nghttp2. */
import { grpcJs, grpc as peers } from "../peers.js";
import { CONTEST, contest } from "../runner.js";
import { withServer } from "../servers.js";
import { flatOut, grpc as service, tenfold } from "../tenfold.js";

const unary = { server: "grpc", method: "Say", plain: "unary", calls: 100 };
const streams = { method: "Many", plain: "streaming", calls: 100, connections: 10 };
const CASES = [
  { ...unary, kind: "unary, 1 channel", connections: 1 },
  { ...unary, kind: "unary, 10 channels", connections: 10 },
  { ...streams, server: "grpc", kind: "50 messages a call, 10 channels" },
  { ...streams, server: "nghttp2", kind: "50 messages a call, 10 channels, nghttp2" },
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
    rows.push(...(await withServer(each.server, [], take)));
  }
  return rows;
}

export const grpc = { title: "gRPC, grpc++ and nghttp2 (requests are calls), 100 in flight", run, columns: CONTEST };
