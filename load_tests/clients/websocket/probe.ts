/** Is the service there? */
import type { Service } from "../../core/model.ts";
import { addressOf } from "../address.ts";
import { reach } from "../socket.ts";
import { secureOptions } from "../tls.ts";
import type { WebSocketSettings } from "./settings.ts";

/** Resolves once a connection is had; rejects with a sentence. */
export async function probe(service: Service, signal: AbortSignal): Promise<void> {
  const address = addressOf(service);
  const { tls } = service.settings as WebSocketSettings;
  await reach(address, signal, address.secure ? secureOptions(tls) : {});
}
