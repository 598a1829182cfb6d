/** gRPC services: `services.grpc` of the config. */
import { defineProtocol } from "../../core/plugin.ts";
import { callSchema, grpcSchema } from "./schema.ts";

export const grpc = defineProtocol({
  kind: "grpc",
  testType: "grpc",
  schema: grpcSchema,
  steps: { list: "calls", entry: callSchema, words: { call: { key: "method" } } },
  resolve: async (name, raw, at) => (await import("./resolve.ts")).resolveService(name, raw, at),
  open: async (service) => (await import("./client.ts")).openClient(service),
  probe: async (service, signal) => (await import("./probe.ts")).probe(service, signal),
  settle: async (...service) => (await import("./reflection.ts")).settle(...service),
});
