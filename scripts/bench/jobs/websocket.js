/** WebSocket echo of 32 bytes on 100 connections. */
import { ws } from "../peers.js";
import { CONTEST, contest } from "../runner.js";
import { withServer } from "../servers.js";
import { flatOut, websocket as service, tenfold } from "../tenfold.js";

const CONNECTIONS = 100;
const REFERENCE = "driver: reference,";

const run = () =>
  withServer("websocket", [], (server) =>
    contest({
      job: "websocket",
      kind: `echo, ${CONNECTIONS} connections`,
      server,
      entries: [
        ws(server.port, "websocket", CONNECTIONS),
        { name: "tenfold", ...tenfold(service(server.port), flatOut(CONNECTIONS)) },
        { name: "tenfold, driver: reference", ...tenfold(service(server.port, REFERENCE), flatOut(CONNECTIONS)) },
      ],
    }),
  );

export const websocket = { title: "WebSocket echo", run, columns: CONTEST };
