/** The text of a drafted config. */
import { Document, isMap, visit } from "yaml";
import type { ConfigDraft, EndpointDraft, GrpcDraft, ServiceDraft } from "./draft.ts";

const FALLBACK: EndpointDraft = { method: "GET", path: "/" };

const isOn = ({ enabled }: { enabled?: false }): boolean => enabled !== false;

/** A service that would have nothing to call asks for its front page. */
function endpointsOf({ endpoints }: ServiceDraft): readonly EndpointDraft[] {
  return endpoints.some(isOn) ? endpoints : [FALLBACK, ...endpoints];
}

function serviceTree(service: ServiceDraft): object {
  const { name: _, host, endpoints: __, ...rest } = service;
  const shown = service.enabled === false ? host : `\${${variable(service.name)}_HOST:-${host}}`;
  return { host: shown, ...rest, endpoints: endpointsOf(service) };
}

const grpcTree = ({ name, host, proto, calls }: GrpcDraft): object => ({
  [name]: {
    host: `\${${variable(name)}_HOST:-${host}}`,
    ...(proto === undefined ? { reflection: true } : { proto }),
    calls,
  },
});

const variable = (name: string): string =>
  name
    .replace(/[^A-Za-z0-9]/g, "_")
    .replace(/^(?=\d)/, "_")
    .toUpperCase();

const SCENARIOS = {
  smoke: { users: 5, think_time: "1s", duration: "30s" },
  baseline: { users: 10, spawn_rate: 2, duration: "5m" },
  target: { users: 100, spawn_rate: 10, duration: "10m" },
};

const HEAD = [
  " Services, then how much load, then what must hold. `tenfold validate` shows the plan, `tenfold run` runs `smoke`.",
  " Only what reads (GET, HEAD) is called; take `enabled: false` away from what else may be.",
];

/** Endpoints and scenarios take a line each where that is short. */
export function configText({ services, grpc, notes }: ConfigDraft, source: string): string {
  const rest = Object.fromEntries(services.map((service) => [service.name, serviceTree(service)]));
  const document = new Document({
    services: { ...(services.length === 0 ? {} : { rest }), ...(grpc === undefined ? {} : { grpc: grpcTree(grpc) }) },
    default_scenario: "smoke",
    scenarios: SCENARIOS,
    criteria: ["p95 < 2s", "error_rate < 1%"],
  });
  document.commentBefore = [
    ` Written by \`tenfold init\` from ${oneLine(source)}.`,
    ...HEAD,
    ...notes.map((note) => ` ${oneLine(note)}`),
  ].join("\n");
  visit(document, {
    Pair(_, pair) {
      const key = String(pair.key);
      if (["smoke", "baseline", "target"].includes(key) && isMap(pair.value)) pair.value.flow = true;
    },
  });
  return document.toString({ lineWidth: 0, flowCollectionPadding: true });
}

const oneLine = (text: string): string => text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, " ");
