import { DRIVERS } from "../../core/model.ts";
import { describeClient } from "../contract.ts";
import { outcomeOfConnect } from "../failure.ts";
import { webSocketFaults } from "./faults.ts";
import { serveWebSocket } from "./fixture.ts";
import { websocket } from "./index.ts";

const messages = [{ send: { user: "{{user.id}}" }, reply: { "$.user": "{{sent.user}}" }, checks: ["$.user exists"] }];

for (const driver of DRIVERS)
  describeClient(`websocket by the ${driver} driver`, {
    protocol: websocket,
    serve: serveWebSocket,
    config: (address) => ({ host: `ws://${address}`, driver, path: "/ws/{user_id}", messages }),
    userOf: (json) => (json as { user: unknown }).user,
    statuses: { echo: "OK", "client-error": "4404", "server-error": "1011", limited: "1013" },
    perUser: true,
    outcomeOf: outcomeOfConnect,
    faults: webSocketFaults,
    secure: (address, ca) => ({ host: `wss://${address}`, driver, tls: { ca }, messages }),
  });
