/** Is the service there, and does an address speak OpenAI's HTTP? */
import type { Service } from "../../core/model.ts";
import { addressOf } from "../address.ts";
import { secureOptions } from "../tls.ts";
import { ask, connects, isReady, type Place } from "../wire/ask.ts";
import { proxyFinder } from "../wire/proxy.ts";
import type { OpenAiSettings } from "./settings.ts";

/** Resolves once `ready` answers below 400, or without one once a connection is had; rejects with a sentence. */
export function probeOpenAi(service: Service, signal: AbortSignal): Promise<void> {
  const { ready, tls, proxy } = service.settings as OpenAiSettings;
  const roads = { tls: secureOptions(tls), proxyFor: proxyFinder(proxy, process.env) };
  return isReady({ address: addressOf(service), roads, signal }, ready);
}

/** Statuses by which a service of the kind refuses a request that says nothing, or has no credentials. */
const REFUSALS = new Set([400, 401, 403, 422, 429]);

/**
 * Whether the address answers as OpenAI's HTTP does: a list of models, or where it has none, a refusal of an empty
 * request (which makes no model work). Rejects where nobody answers at all.
 */
export async function speaksOpenAi(host: string, signal: AbortSignal): Promise<boolean> {
  const place = placeOf(host, signal);
  try {
    const models = await ask(place, below(place, "/models"));
    if (REFUSALS.has(models.status)) return true;
    if (models.status < 300) return isModelList(models.body);
    return REFUSALS.has((await ask(place, below(place, "/chat/completions"), "{}")).status);
  } catch (error) {
    await connects(place); // somebody is there who speaks no HTTP, or nobody is
    if (signal.aborted) throw error;
    return false;
  }
}

function isModelList(body: string): boolean {
  try {
    const said: unknown = JSON.parse(body);
    return typeof said === "object" && said !== null && Array.isArray((said as { data?: unknown }).data);
  } catch {
    return false;
  }
}

/** The first model that the address lists; null where it lists none. Rejects where nobody answers. */
export async function firstModel(host: string, signal: AbortSignal): Promise<string | null> {
  const place = placeOf(host, signal);
  const { body } = await ask(place, below(place, "/models"));
  if (!isModelList(body)) return null;
  const { data } = JSON.parse(body) as { data: { id?: unknown }[] };
  return typeof data[0]?.id === "string" ? data[0].id : null;
}

/** An address that nothing is known of but the environment's proxies. */
function placeOf(host: string, signal: AbortSignal): Place {
  const address = addressOf({ name: "an OpenAI-compatible service", host });
  return { address, roads: { tls: secureOptions(null), proxyFor: proxyFinder(null, process.env) }, signal };
}

/** Of a path below the address's own. */
const below = (place: Place, path: string): string =>
  `${place.address.path}${place.address.path.endsWith("/v1") ? "" : "/v1"}${path}`;
