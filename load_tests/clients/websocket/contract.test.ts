import { describeClient } from "../contract.ts";
import { outcomeOfConnect } from "../failure.ts";
import { serveWebSocket } from "./fixture.ts";
import { websocket } from "./index.ts";

describeClient("websocket", {
  protocol: websocket,
  serve: serveWebSocket,
  config: (address: string) => ({
    host: `ws://${address}`,
    path: "/ws/{user_id}",
    messages: [{ send: { user: "{{user.id}}" }, checks: ["$.user exists"] }],
  }),
  userOf: (json: unknown) => (json as { user: unknown }).user,
  statuses: { echo: "OK", "client-error": "4404", "server-error": "1011", limited: "1013" },
  perUser: true,
  outcomeOf: outcomeOfConnect,
});
