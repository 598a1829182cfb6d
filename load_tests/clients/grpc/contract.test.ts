import type { Driver } from "../../core/model.ts";
import { describeClient, type Fixture } from "../contract.ts";
import { echoProto, stageOf } from "./fixture.ts";
import { grpc } from "./index.ts";
import { GRPC_FAULTS, STREAM_FAULTS } from "./misbehaviours.ts";
import { connectOutcome } from "./status.ts";

const calling = (method: string, driver: Driver): Pick<Fixture, "config" | "secure"> => {
  const calls = [{ method: `demo.echo.Echo/${method}`, message: { user: "{{user.id}}", lines: ["hello"] } }];
  return {
    config: (host) => ({ host, driver, proto: echoProto, calls }),
    secure: (address, ca) => ({ host: `grpcs://${address}`, driver, proto: echoProto, calls, tls: { ca } }),
  };
};

const common = {
  protocol: grpc,
  serve: stageOf,
  userOf: (json: unknown) => (json as { user: string }).user,
  statuses: { echo: "OK", "client-error": "NOT_FOUND", "server-error": "INTERNAL", limited: "RESOURCE_EXHAUSTED" },
  perUser: false,
  outcomeOf: (code: string) => connectOutcome(`connect ${code} 127.0.0.1:1`),
} satisfies Partial<Fixture>;

describeClient("gRPC", { ...common, ...calling("Say", "fast"), faults: GRPC_FAULTS });
describeClient("gRPC with streams", { ...common, ...calling("Hear", "fast"), faults: STREAM_FAULTS });
describeClient("gRPC with streams over grpc-js", { ...common, ...calling("Hear", "reference"), faults: STREAM_FAULTS });
