/** gRPC services: `services.grpc` of the config. */
import { defineProtocol } from "../../core/plugin.ts";
import { openClient } from "./client.ts";
import { probe } from "./probe.ts";
import { resolveService } from "./resolve.ts";
import { grpcSchema } from "./schema.ts";

export const grpc = defineProtocol({
  kind: "grpc",
  testType: "grpc",
  schema: grpcSchema,
  resolve: resolveService,
  open: (service) => openClient(service),
  probe,
});
