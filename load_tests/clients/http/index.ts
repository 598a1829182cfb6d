/** REST over HTTP/1.1: the protocol plug-in of `services.rest`. */
import { defineProtocol } from "../../core/plugin.ts";
import { endpoint, type RawRest, restSchema } from "./schema.ts";
import { METHODS } from "./settings.ts";

export const rest = defineProtocol<RawRest>({
  kind: "rest",
  testType: "rest",
  schema: restSchema,
  steps: {
    list: "endpoints",
    entry: endpoint,
    words: Object.fromEntries(METHODS.map((method) => [method.toLowerCase(), { key: "path", says: { method } }])),
  },
  resolve: async (...service) => (await import("./resolve.ts")).resolveRest(...service),
  open: async (...service) => (await import("./client.ts")).openRest(...service),
  probe: async (...service) => (await import("./probe.ts")).probeRest(...service),
});
