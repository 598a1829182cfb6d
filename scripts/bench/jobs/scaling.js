/** One worker, then two. Where there are two cores only, the server has to share one of them. */
import { availableParallelism } from "node:os";
import { CLIENT_CORE, SERVER_CORE } from "../machine.js";
import { CONTEST, measure, rounds } from "../runner.js";
import { withServer } from "../servers.js";
import { flatOut, get, grpc, tenfold } from "../tenfold.js";

const last = availableParallelism() - 1;
const cores = last === CLIENT_CORE ? `${SERVER_CORE},${CLIENT_CORE}` : `${CLIENT_CORE}-${last}`;

async function scale(kind, service, server) {
  console.log(`scaling: ${kind}`);
  const entry = (workers) => ({
    name: `${workers} worker${workers > 1 ? "s" : ""}`,
    cores,
    ...tenfold(service, flatOut(100), { workers }),
  });
  const rows = await rounds([entry(1), entry(2)], (each) => measure(each, server));
  return rows.map((row) => ({ job: "scaling", kind, ...row }));
}

const run = async () => [
  ...(await withServer("nginx", [], (server) => scale("HTTP GET", get(server.port), server))),
  ...(await withServer("grpc", [], (server) => scale("gRPC unary", grpc(server.port, "Say", 5), server))),
];

export const scaling = { title: `Two workers, on cores ${cores}`, run, columns: CONTEST };
