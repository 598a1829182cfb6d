/** The client of one OpenAI-compatible service in one worker. */
import type { Endpoint, Service } from "../../core/model.ts";
import type { Client, ClientHost, Op, User } from "../../core/plugin.ts";
import { type Address, addressOf } from "../address.ts";
import { secureOptions } from "../tls.ts";
import { openerOf } from "../wire/driver.ts";
import { type Hub, Lane } from "../wire/lane.ts";
import { Openings } from "../wire/openings.ts";
import { noProxy, proxyFinder, secretsOfProxy } from "../wire/proxy.ts";
import { EXTRA, Exchange, FIRST, GAP } from "./exchange.ts";
import { compileRequest, secretsOf } from "./request.ts";
import type { OpenAiSettings, PromptSettings } from "./settings.ts";

/** Compiles every prompt; connections are opened by the calls. Throws where a certificate cannot be read. */
export async function openOpenAi(service: Service, host: ClientHost): Promise<Client> {
  const settings = service.settings as OpenAiSettings;
  for (const secret of [...secretsOf(settings), ...secretsOfProxy(settings.proxy)]) host.secret(secret);
  const connections = settings.connections ?? (host.drive === "users" ? "per_user" : "shared");
  const address = addressOf(service);
  const hub: Hub = {
    connectTimeout: service.connectTimeout,
    roads: {
      tls: secureOptions(settings.tls),
      proxyFor: host.rehearsal ? noProxy : proxyFinder(settings.proxy, process.env),
    },
    open: await openerOf(service.driver ?? "fast"),
    http2: false,
    keep: connections !== "per_request",
    all: new Set(),
    openings: new Openings(),
    keepsConnections: false,
  };
  const common = connections === "per_user" ? null : new Lane(hub);
  const laneOf = (user: User): Lane => {
    if (common !== null) return common;
    const lane = (user.slots.get(hub) as Lane | undefined) ?? new Lane(hub);
    user.slots.set(hub, lane);
    return lane;
  };
  return {
    ops: service.endpoints.map((endpoint) => compilePrompt(endpoint, settings, { address, laneOf })),
    release: (user) => {
      (user.slots.get(hub) as Lane | undefined)?.close();
      user.slots.delete(hub);
    },
    close: async () => void (await Promise.all([...hub.all].map((connection) => connection.destroy()))),
  };
}

interface Way {
  readonly address: Address;
  readonly laneOf: (user: User) => Lane;
}

function compilePrompt(endpoint: Endpoint, settings: OpenAiSettings, { address, laneOf }: Way): Op {
  const build = compileRequest(address.path, settings, endpoint.settings as PromptSettings);
  const { stream } = settings;
  return {
    name: endpoint.name,
    method: endpoint.method,
    endpoint,
    firstItem: stream ? FIRST : null,
    gap: stream ? GAP : null,
    extra: EXTRA,
    start: (user, values, call) =>
      new Exchange({ call, request: build(values), stream, address, lane: laneOf(user) }).start(),
  };
}
