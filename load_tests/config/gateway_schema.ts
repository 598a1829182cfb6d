/** How `services.gateway` is written: one service with both REST endpoints and a WebSocket. */
import { z } from "zod";
import { driver, duration, textMap, weight } from "../core/fields.ts";
import { standInSchema } from "../core/standin.ts";

const endpoint = z.strictObject({
  path: z.string().min(1),
  method: z.string().optional().describe("GET where absent"),
  name: z.string().optional(),
  weight: weight.optional(),
  requires_auth: z.boolean().optional().describe("Sends the user's token, fetched once a user from POST /auth/token"),
  query: z.record(z.string(), z.unknown()).optional(),
  headers: textMap.optional(),
  json: z.unknown().optional(),
  form: z.unknown().optional(),
  multipart: z.unknown().optional(),
  body: z.string().optional(),
  checks: z.array(z.string()).optional(),
  timeout: duration.optional(),
});

const socket = z.strictObject({
  path: z.string().min(1),
  weight: weight.optional(),
  messages: z.array(z.unknown()).min(1).optional().describe("As in services.websocket; a line of chat where absent"),
});

export const gatewaySchema = z.strictObject({
  host: z.string(),
  enabled: z.boolean().optional(),
  headers: textMap.optional(),
  auth: z.unknown().optional().describe("As in services.rest; a login at POST /auth/token where absent"),
  timeout: duration.optional(),
  connect_timeout: duration.optional(),
  wait_for_ready: duration.optional(),
  tls: z.unknown().optional().describe("As in services.rest; for the WebSocket too"),
  proxy: z.string().optional().describe("As in services.rest"),
  http2: z.boolean().optional().describe("As in services.rest"),
  driver: driver.optional(),
  compression: z.boolean().optional().describe("As in services.rest"),
  rest_endpoints: z.array(endpoint).optional(),
  websocket: socket.optional(),
  embedded: standInSchema.optional().describe("Settings of the stand-in when `host: embedded`"),
});
