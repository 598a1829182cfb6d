/** The clients of a run: one for each host of each service, so that every host has connections and logins of its own. */
import type { Scenario, Service } from "../core/model.ts";
import type { Client, ClientHost, Protocol } from "../core/plugin.ts";

export interface Served {
  /** Position of the service in the scenario. */
  readonly service: number;
  /** Absent where it is the service's only one. */
  readonly host?: string;
  readonly client: Client;
}

/** The services as each of their hosts is one. */
export const servicesByHost = (services: readonly Service[]): Service[] =>
  services.flatMap((service) => (service.hosts ?? [service.host]).map((host) => ({ ...service, host })));

/** Opens the clients of every host of every service. */
export function openServed(
  { services }: Scenario,
  protocols: readonly Protocol[],
  clientHost: ClientHost,
): Promise<Served[]> {
  return Promise.all(
    services.flatMap((each, service) =>
      servicesByHost([each]).map(async (at) => {
        const client = await protocolOf(protocols, at).open(at, clientHost);
        return { service, client, ...(each.hosts === undefined ? {} : { host: at.host }) };
      }),
    ),
  );
}

function protocolOf(protocols: readonly Protocol[], service: Service): Protocol {
  const protocol = protocols.find(({ kind }) => kind === service.protocol);
  if (protocol === undefined) throw new Error(`no protocol is registered for ${service.protocol}`);
  return protocol;
}
