/** What a user does when the config names no workload: one call, of a service by weight, of an endpoint by weight. */
import type { Service } from "../core/model.ts";
import { type Random, weighted } from "../core/random.ts";
import { defineWorkloadKind, type Target } from "../core/workload.ts";

/** Draws calls in proportion to the weights of services and, within them, of endpoints. */
export function requestsByWeight(services: readonly Service[]): (random: Random) => Target {
  const pickService = weighted(services.map((service) => service.weight));
  const pickEndpoint = services.map(({ endpoints }) => weighted(endpoints.map((endpoint) => endpoint.weight)));
  return (random) => {
    const service = pickService(random);
    return { service, endpoint: pickEndpoint[service]!(random) };
  };
}

export const requests = defineWorkloadKind({
  kind: "requests",
  open: (_, { scenario }) => {
    const draw = requestsByWeight(scenario.services);
    return {
      metrics: [],
      iterate: (activity, values, _phase, done) => activity.call(draw(values.random), values, done),
      first: draw,
    };
  },
});
