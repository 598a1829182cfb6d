/** REST over HTTP/1.1: the protocol plug-in of `services.rest`. */
import { defineProtocol } from "../../core/plugin.ts";
import { openRest } from "./client.ts";
import { probeRest } from "./probe.ts";
import { resolveRest } from "./resolve.ts";
import { type RawRest, restSchema } from "./schema.ts";

export const rest = defineProtocol<RawRest>({
  kind: "rest",
  testType: "rest",
  schema: restSchema,
  resolve: resolveRest,
  open: openRest,
  probe: probeRest,
});
