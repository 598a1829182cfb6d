/** Is the service there? */
import type { Service } from "../../core/model.ts";
import { addressOf } from "../address.ts";
import { secureOptions } from "../tls.ts";
import { isReady } from "../wire/ask.ts";
import { protocolsOf } from "../wire/dial.ts";
import { proxyFinder } from "../wire/proxy.ts";
import type { RestSettings } from "./settings.ts";

/** Resolves once `ready` answers below 400, or without one once a connection is had; rejects with a sentence. */
export function probeRest(service: Service, signal: AbortSignal): Promise<void> {
  const { ready, tls, proxy, http2 } = service.settings as RestSettings;
  const roads = { tls: { ...secureOptions(tls), ...protocolsOf(http2) }, proxyFor: proxyFinder(proxy, process.env) };
  return isReady({ address: addressOf(service), roads, signal }, ready);
}
