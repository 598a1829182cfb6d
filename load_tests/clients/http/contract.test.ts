import { describeClient } from "../contract.ts";
import { outcomeOfConnect } from "../failure.ts";
import { serveHttp } from "./fixture.ts";
import { rest } from "./index.ts";

const fixture = (connections: string, perUser: boolean) => ({
  protocol: rest,
  serve: serveHttp,
  config: (address: string) => ({
    host: `http://${address}`,
    connections,
    endpoints: [{ path: "/users/{{user.id}}", checks: ["$.user exists"] }],
  }),
  userOf: (json: unknown) => (json as { user: unknown }).user,
  statuses: { echo: "200", "client-error": "404", "server-error": "503", limited: "429" },
  perUser,
  outcomeOf: outcomeOfConnect,
});

describeClient("rest, a connection a user,", fixture("per_user", true));
