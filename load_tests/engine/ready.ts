/** Waits until the services are there, before anything is sent. */
import { setTimeout as pause } from "node:timers/promises";
import type { Ms, Service } from "../core/model.ts";
import type { Protocol } from "../core/plugin.ts";
import { epochNow } from "./clock.ts";

const BETWEEN_TRIES: Ms = 250;
const ONE_TRY: Ms = 5_000;

/** A service that did not answer within its `wait_for_ready`, and why the last try failed. */
export interface Missing {
  readonly service: Service;
  readonly why: string;
}

/** Asks every service until it answers or its time is over; gives those that did not. Stops early when `signal` fires. */
export async function waitForReady(
  services: readonly Service[],
  protocols: readonly Protocol[],
  signal: AbortSignal,
): Promise<Missing[]> {
  const tries = services.map((service) =>
    untilReady(service, protocols.find(({ kind }) => kind === service.protocol)!, signal),
  );
  return (await Promise.all(tries)).filter((missing) => missing !== null);
}

async function untilReady(service: Service, protocol: Protocol, signal: AbortSignal): Promise<Missing | null> {
  if (service.waitForReady === 0) return null;
  const until = epochNow() + service.waitForReady;
  for (;;) {
    const limit = Math.min(ONE_TRY, Math.max(1, Math.ceil(until - epochNow())));
    try {
      await protocol.probe(service, AbortSignal.any([signal, AbortSignal.timeout(limit)]));
      return null;
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      if (signal.aborted || epochNow() + BETWEEN_TRIES >= until) return { service, why };
    }
    await pause(BETWEEN_TRIES);
  }
}
