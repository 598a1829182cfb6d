/** A WebSocket service as written in the config. */
import { z } from "zod";
import { driver, duration, enabledEntry, tags, weight } from "../../core/fields.ts";
import { standInSchema } from "../../core/standin.ts";
import { tlsSchema } from "../tls.ts";

const text = z.union([z.string(), z.number(), z.boolean()]).transform(String);

const reply = z.union([
  z.enum(["next", "none"]),
  z.strictObject({ count: z.int().positive() }),
  /** JSONPath of a field, and the value it has in the reply. */
  z.record(z.string().startsWith("$"), z.union([z.string(), z.number(), z.boolean()])),
]);

export const message = z.strictObject({
  /** JSON, text, or `{bytes: <base64>}`. */
  send: z.union([z.string(), z.number(), z.boolean(), z.array(z.unknown()), z.record(z.string(), z.unknown())]),
  reply: reply.default("next"),
  name: z.string().min(1).optional(),
  weight: weight.default(1),
  tags: tags.optional(),
  checks: z.array(z.string()).default([]),
  timeout: duration.optional(),
});

export const webSocketSchema = z.strictObject({
  host: z.string(),
  path: z.string().default("/"),
  headers: z.record(z.string(), text).default({}),
  subprotocols: z.array(z.string()).default([]),
  weight: weight.default(1),
  messages: z.array(message.extend({ enabled: enabledEntry })).default([]),
  connection: z.enum(["session", "message"]).default("session"),
  ping: duration.optional().describe("Sends a ping so often, which keeps a quiet connection; times the pong"),
  pushes: z
    .strictObject({
      /** JSONPath of the time at which the server sent it. */
      timestamp: z.string().startsWith("$"),
    })
    .optional()
    .describe("Messages that come unasked: those with this field, which answer nothing by field"),
  tls: tlsSchema.optional(),
  driver: driver.optional(),
  timeout: duration.prefault("30s"),
  connect_timeout: duration.prefault("10s"),
  wait_for_ready: duration.prefault("30s"),
  enabled: z.boolean().default(true),
  embedded: standInSchema.prefault({}),
});

export type RawWebSocket = z.output<typeof webSocketSchema>;
export type RawMessage = RawWebSocket["messages"][number];
