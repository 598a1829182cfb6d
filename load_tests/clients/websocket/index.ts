/** WebSocket conversations: the protocol plug-in of `services.websocket`. */
import { defineProtocol } from "../../core/plugin.ts";
import { message, type RawWebSocket, webSocketSchema } from "./schema.ts";

export const websocket = defineProtocol<RawWebSocket>({
  kind: "websocket",
  testType: "websocket",
  schema: webSocketSchema,
  steps: { list: "messages", entry: message, words: { send: { key: "send" } } },
  resolve: async (...service) => (await import("./resolve.ts")).resolveWebSocket(...service),
  open: async (...service) => (await import("./client.ts")).openWebSocket(...service),
  probe: async (...service) => (await import("./probe.ts")).probe(...service),
});
