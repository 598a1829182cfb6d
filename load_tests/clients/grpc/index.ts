/** gRPC services: `services.grpc` of the config. */
import { defineProtocol } from "../../core/plugin.ts";
import { openClient } from "./client.ts";
import { probe } from "./probe.ts";
import { settle } from "./reflection.ts";
import { resolveService } from "./resolve.ts";
import { callSchema, grpcSchema } from "./schema.ts";

export const grpc = defineProtocol({
  kind: "grpc",
  testType: "grpc",
  schema: grpcSchema,
  steps: { list: "calls", entry: callSchema, words: { call: { key: "method" } } },
  resolve: (name, raw, at) => resolveService(name, raw, at),
  open: (service) => openClient(service),
  probe,
  settle,
});
