/** Is the service there? */
import { Client } from "undici";
import type { Service } from "../../core/model.ts";
import { type Address, addressOf } from "../address.ts";
import { describeError, reach } from "../socket.ts";
import type { RestSettings } from "./settings.ts";

/** Resolves once `ready` answers below 400, or without one once a connection is had; rejects with a sentence. */
export async function probeRest(service: Service, signal: AbortSignal): Promise<void> {
  const address = addressOf(service);
  const { ready } = service.settings as RestSettings;
  if (ready === null) return reach(address, signal);
  const status = await statusOf(address, ready, signal);
  if (status >= 400)
    throw new Error(`${address.authority}${address.path}${ready} answers ${status}, expected a status below 400`);
}

async function statusOf(address: Address, ready: string, signal: AbortSignal): Promise<number> {
  const client = new Client(`${address.secure ? "https" : "http"}://${address.authority}`);
  try {
    const { statusCode } = await client.request({ method: "GET", path: address.path + ready, signal });
    return statusCode;
  } catch (error) {
    const why = signal.aborted ? "no answer in time" : describeError(error as Error);
    throw new Error(`${address.authority}${address.path}${ready} cannot be reached: ${why}`, { cause: error });
  } finally {
    await client.destroy();
  }
}
