import { describeClient } from "../contract.ts";
import { echoProto, stageOf } from "./fixture.ts";
import { grpc } from "./index.ts";
import { connectOutcome } from "./status.ts";

const config = (host: string) => ({
  host,
  proto: echoProto,
  calls: [{ method: "demo.echo.Echo/Say", message: { user: "{{user.id}}", lines: ["hello"] } }],
});

describeClient("gRPC", {
  protocol: grpc,
  serve: stageOf,
  config,
  secure: (address, ca) => ({ ...config(`grpcs://${address}`), tls: { ca } }),
  userOf: (json) => (json as { user: string }).user,
  statuses: { echo: "OK", "client-error": "NOT_FOUND", "server-error": "INTERNAL", limited: "RESOURCE_EXHAUSTED" },
  perUser: false,
  outcomeOf: (code) => connectOutcome(`connect ${code} 127.0.0.1:1`),
});
