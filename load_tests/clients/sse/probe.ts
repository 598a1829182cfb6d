/** Is the service there, and does an address speak OpenAI's HTTP? */
import type { ConnectionOptions } from "node:tls";
import { Client } from "undici";
import type { Service } from "../../core/model.ts";
import { type Address, addressOf } from "../address.ts";
import { describeError, reach } from "../socket.ts";
import { secureOptions } from "../tls.ts";
import type { OpenAiSettings } from "./settings.ts";

/** Resolves once `ready` answers below 400, or without one once a connection is had; rejects with a sentence. */
export async function probeOpenAi(service: Service, signal: AbortSignal): Promise<void> {
  const address = addressOf(service);
  const { ready, tls } = service.settings as OpenAiSettings;
  const options = address.secure ? secureOptions(tls) : {};
  if (ready === null) return reach(address, signal, options);
  const { status } = await ask({ address, tls: options, signal }, "GET", ready);
  if (status >= 400)
    throw new Error(`${address.authority}${address.path}${ready} answers ${status}, expected a status below 400`);
}

/** Statuses by which a service of the kind refuses a request that says nothing, or has no credentials. */
const REFUSALS = new Set([400, 401, 403, 422, 429]);

/**
 * Whether the address answers as OpenAI's HTTP does: a list of models, or where it has none, a refusal of an empty
 * request (which makes no model work). Rejects where nobody answers at all.
 */
export async function speaksOpenAi(host: string, signal: AbortSignal): Promise<boolean> {
  const address = addressOf({ name: "an OpenAI-compatible service", host });
  const place = { address, tls: address.secure ? secureOptions(null) : {}, signal };
  const base = address.path.endsWith("/v1") ? "" : "/v1";
  try {
    const models = await ask(place, "GET", `${base}/models`);
    if (REFUSALS.has(models.status)) return true;
    if (models.status < 300) return isModelList(models.body);
    return REFUSALS.has((await ask(place, "POST", `${base}/chat/completions`)).status);
  } catch (error) {
    await reach(address, signal, place.tls); // somebody is there who speaks no HTTP, or nobody is
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
  const address = addressOf({ name: "an OpenAI-compatible service", host });
  const tls = address.secure ? secureOptions(null) : {};
  const base = address.path.endsWith("/v1") ? "" : "/v1";
  const { body } = await ask({ address, tls, signal }, "GET", `${base}/models`);
  if (!isModelList(body)) return null;
  const { data } = JSON.parse(body) as { data: { id?: unknown }[] };
  return typeof data[0]?.id === "string" ? data[0].id : null;
}

interface Place {
  readonly address: Address;
  readonly tls: ConnectionOptions;
  readonly signal: AbortSignal;
}

async function ask({ address, tls, signal }: Place, method: "GET" | "POST", path: string) {
  const client = new Client(`${address.secure ? "https" : "http"}://${address.authority}`, { connect: tls });
  const body = method === "GET" ? null : "{}";
  const headers = { "content-type": "application/json", "user-agent": "tenfold" };
  try {
    const answer = await client.request({ method, path: address.path + path, headers, body, signal });
    return { status: answer.statusCode, body: await answer.body.text() };
  } catch (error) {
    const why = signal.aborted ? "no answer in time" : describeError(error as Error);
    throw new Error(`${address.authority}${address.path}${path} cannot be reached: ${why}`, { cause: error });
  } finally {
    await client.destroy();
  }
}
