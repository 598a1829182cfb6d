/** WebSocket conversations: the protocol plug-in of `services.websocket`. */
import { defineProtocol } from "../../core/plugin.ts";
import { addressOf } from "../address.ts";
import { reach } from "../socket.ts";
import { secureOptions } from "../tls.ts";
import { message, type RawWebSocket, webSocketSchema } from "./schema.ts";
import type { WebSocketSettings } from "./settings.ts";

export const websocket = defineProtocol<RawWebSocket>({
  kind: "websocket",
  testType: "websocket",
  schema: webSocketSchema,
  steps: { list: "messages", entry: message, words: { send: { key: "send" } } },
  resolve: async (...service) => (await import("./resolve.ts")).resolveWebSocket(...service),
  open: async (...service) => (await import("./client.ts")).openWebSocket(...service),
  probe: async (service, signal) => {
    const address = addressOf(service);
    const { tls } = service.settings as WebSocketSettings;
    await reach(address, signal, address.secure ? secureOptions(tls) : {});
  },
});
