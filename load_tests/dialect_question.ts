/** Asks an address which language it speaks. */
import { speaksGrpc } from "./clients/grpc/probe.ts";
import { openai } from "./clients/sse/index.ts";
import { firstModel, speaksOpenAi } from "./clients/sse/probe.ts";
import { openAiSchema } from "./clients/sse/schema.ts";
import type { Service } from "./core/model.ts";
import type { Resolver } from "./core/plugin.ts";

/** The service as it speaks; null where nobody is there yet. */
export async function spoken(service: Service, patience: AbortSignal): Promise<Service | null> {
  try {
    if (await speaksOpenAi(service.host, patience))
      return await asOpenAi(service, await firstModel(service.host, patience));
    return (await speaksGrpc(service.host, patience)) ? service : null;
  } catch {
    return null; // Readiness will say so if that lasts.
  }
}

const NO_MISTAKES: Resolver = { issue: () => {}, file: () => null, checks: () => [], templates: () => {} };

async function asOpenAi(service: Service, model: string | null): Promise<Service> {
  const raw = openAiSchema.parse({ host: service.host, model: model ?? service.name, weight: service.weight });
  const spoken = await openai.resolve(service.name, raw, NO_MISTAKES);
  const { timeout, connectTimeout, waitForReady, role, hosts } = service;
  return { ...spoken, ...(hosts && { hosts }), timeout, connectTimeout, waitForReady, role };
}
