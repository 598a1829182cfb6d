/** REST over HTTP/1.1: the protocol plug-in of `services.rest`. */
import { defineProtocol } from "../../core/plugin.ts";
import { openRest } from "./client.ts";
import { probeRest } from "./probe.ts";
import { resolveRest } from "./resolve.ts";
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
  resolve: resolveRest,
  open: openRest,
  probe: probeRest,
});
