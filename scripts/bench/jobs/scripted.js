/** The tools whose users are programs: the same HTTP and gRPC work, each with its own client and a check. */
import { grpc, http } from "../peers.js";
import { CONTEST, contest } from "../runner.js";
import { withServer } from "../servers.js";
import { flatOut, get, grpc as grpcService, tenfold } from "../tenfold.js";

const USERS = 100;
const CALLS = { method: "Say", calls: USERS, connections: 10 };

const httpEntries = (port) => [
  http.wrk(port, USERS),
  { name: "tenfold", ...tenfold(get(port), flatOut(USERS)) },
  http.goose(port, USERS),
  http.k6(port, USERS),
  http.locust(port, USERS, "FastHttpUser"),
  http.locust(port, USERS, "HttpUser"),
  http.artillery(port, USERS),
  http.gatling(port, USERS),
];

const grpcEntries = (port) => [
  grpc.h2load(port, CALLS),
  { name: "tenfold", ...tenfold(grpcService(port, CALLS.method, CALLS.connections), flatOut(USERS)) },
  grpc.k6(port, CALLS, "invoke"),
  grpc.k6(port, CALLS, "asyncInvoke"),
  grpc.locust(port, CALLS),
];

const take = (kind, entries) => (server) => contest({ job: "scripted", kind, server, entries: entries(server.port) });

const run = async () => [
  ...(await withServer("nginx", [], take(`HTTP GET, ${USERS} users`, httpEntries))),
  ...(await withServer("grpc", [], take(`gRPC unary, ${USERS} users`, grpcEntries))),
];

export const scripted = { title: "Scripted users, nginx and grpc++", run, columns: CONTEST };
