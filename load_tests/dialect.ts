/**
 * A service in the role `tensorrt_llm` speaks June's gRPC or OpenAI's HTTP: its address is asked once, before anything is
 * sent, and the service goes on as what it said.
 */
import { setTimeout as pause } from "node:timers/promises";
import { speaksGrpc } from "./clients/grpc/probe.ts";
import { openai } from "./clients/sse/index.ts";
import { firstModel, speaksOpenAi } from "./clients/sse/probe.ts";
import { openAiSchema } from "./clients/sse/schema.ts";
import type { Ms, Service } from "./core/model.ts";
import type { Resolver } from "./core/plugin.ts";
import { epochNow } from "./engine/clock.ts";

const BETWEEN_TRIES: Ms = 250;
const ONE_TRY: Ms = 5_000;

const isAsked = ({ protocol, role, embedded }: Service): boolean =>
  protocol === "grpc" && role === "tensorrt_llm" && !embedded;

/** The services as they speak; `tell` hears of each that was asked. One that nobody answers for stays as it was. */
export function askDialects(
  services: readonly Service[],
  signal: AbortSignal,
  tell: (sentence: string) => void,
): Promise<Service[]> {
  return Promise.all(
    services.map(async (service) => {
      const asked = isAsked(service) ? await ask(service, signal) : null;
      if (asked === null) return service;
      const words = asked.protocol === "openai" ? "OpenAI's HTTP" : "June's gRPC";
      tell(`${service.name} at ${service.host} speaks ${words}`);
      return asked;
    }),
  );
}

async function ask(service: Service, signal: AbortSignal): Promise<Service | null> {
  const until = epochNow() + service.waitForReady;
  for (;;) {
    const patience = AbortSignal.any([signal, AbortSignal.timeout(ONE_TRY)]);
    try {
      if (await speaksOpenAi(service.host, patience))
        return asOpenAi(service, await firstModel(service.host, patience));
      if (await speaksGrpc(service.host, patience)) return service;
    } catch {
      // Nobody is there yet: readiness will say so if that lasts.
    }
    if (signal.aborted || epochNow() + BETWEEN_TRIES >= until) return null;
    await pause(BETWEEN_TRIES);
  }
}

const NO_MISTAKES: Resolver = { issue: () => {}, file: () => null, checks: () => [], templates: () => {} };

async function asOpenAi(service: Service, model: string | null): Promise<Service> {
  const raw = openAiSchema.parse({ host: service.host, model: model ?? service.name, weight: service.weight });
  const spoken = await openai.resolve(service.name, raw, NO_MISTAKES);
  const { timeout, connectTimeout, waitForReady, role, hosts } = service;
  return { ...spoken, ...(hosts && { hosts }), timeout, connectTimeout, waitForReady, role };
}
