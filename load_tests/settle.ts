/** Asks the services that are there what only they can tell: which methods they have. */
import { ConfigError, type Plan, type Problem } from "./config/load.ts";
import type { Ms, Service } from "./core/model.ts";
import type { Missing } from "./engine/ready.ts";
import { SHIPPED } from "./plugins.ts";

const PATIENCE: Ms = 10_000;

export interface Settled {
  readonly services: readonly Service[];
  /** Those that could not be asked. */
  readonly missing: readonly Missing[];
}

/** Where steps call a service, its endpoints are these, the last of all that it has. */
function sameCalls(before: Service, { endpoints, ...settled }: Service): Service {
  if (before.workloads === undefined) return { ...settled, endpoints };
  const last = endpoints.slice(endpoints.length - before.endpoints.length);
  const steps = last.map((endpoint, i) => ({ ...before.endpoints[i]!, ...endpoint }));
  return { ...settled, endpoints: steps, workloads: before.workloads };
}

/** Throws a ConfigError with all mistakes of the config that the services' answers show; nothing was sent then. */
export async function settleServices(services: readonly Service[], plan: Plan, signal: AbortSignal): Promise<Settled> {
  const problems: Problem[] = [];
  const protocols = [...SHIPPED.protocols, ...plan.plugins.protocols];
  const missing: Missing[] = [];
  const settled = await Promise.all(
    services.map(async (service) => {
      const protocol = protocols.find(({ kind }) => kind === service.protocol);
      if (protocol?.settle === undefined) return service;
      const late = plan.late(service);
      try {
        const patience = AbortSignal.any([signal, AbortSignal.timeout(PATIENCE)]);
        return sameCalls(service, await protocol.settle(service, late.at, patience));
      } catch (error) {
        missing.push({ service, why: error instanceof Error ? error.message : String(error) });
        return service;
      } finally {
        problems.push(...late.problems());
      }
    }),
  );
  if (problems.length > 0) throw new ConfigError(problems);
  return { services: settled, missing };
}
