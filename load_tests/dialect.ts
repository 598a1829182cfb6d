/**
 * A service in the role `tensorrt_llm` speaks June's gRPC or OpenAI's HTTP: its address is asked once, before anything is
 * sent, and the service goes on as what it said.
 */
import { setTimeout as pause } from "node:timers/promises";
import type { Ms, Service } from "./core/model.ts";
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
  const { spoken } = await import("./dialect_question.ts");
  const until = epochNow() + service.waitForReady;
  for (;;) {
    const answer = await spoken(service, AbortSignal.any([signal, AbortSignal.timeout(ONE_TRY)]));
    if (answer !== null || signal.aborted || epochNow() + BETWEEN_TRIES >= until) return answer;
    await pause(BETWEEN_TRIES);
  }
}
