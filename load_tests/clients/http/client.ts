/** The REST client of one service in one worker. */
import type { Service } from "../../core/model.ts";
import type { Client, ClientHost } from "../../core/plugin.ts";
import { addressOf } from "../address.ts";
import { secureOptions } from "../tls.ts";
import { protocolsOf, type Roads } from "../wire/dial.ts";
import { openerOf } from "../wire/driver.ts";
import { type Hub, Lane } from "../wire/lane.ts";
import { Openings } from "../wire/openings.ts";
import { noProxy, proxyFinder, secretsOfProxy } from "../wire/proxy.ts";
import { secretsOf } from "./auth.ts";
import { compileEndpoint, compileLogin, type Workshop } from "./op.ts";
import { endpointOfCode } from "./resolve.ts";
import { Sessions } from "./session.ts";
import type { RestSettings } from "./settings.ts";

/** Compiles every endpoint; connections are opened by the calls. Throws where a body's file cannot be read. */
export async function openRest(service: Service, host: ClientHost): Promise<Client> {
  const settings = service.settings as RestSettings;
  const connections = settings.connections ?? (host.drive === "users" ? "per_user" : "shared");
  const hub: Hub = {
    connectTimeout: service.connectTimeout,
    roads: roadsOf(settings, host),
    open: await openerOf(service.driver ?? "fast"),
    http2: settings.http2,
    keep: connections !== "per_request",
    all: new Set(),
    openings: new Openings(),
    keepsConnections: false,
  };
  const common = connections === "per_user" ? null : new Lane(hub);
  const sessions = new Sessions(() => common ?? new Lane(hub));
  const workshop: Workshop = {
    name: service.name,
    address: addressOf(service),
    settings,
    sessions,
    shows: host.shows === true,
  };
  for (const secret of [...secretsOf(settings.auth), ...secretsOfProxy(settings.proxy)]) host.secret(secret);
  const login = settings.auth?.kind === "login" ? compileLogin(settings.auth, workshop, host) : null;
  const ops = service.endpoints.map((endpoint) => compileEndpoint(endpoint, workshop, login));
  return {
    ops: login === null ? ops : [...ops, login],
    compile: (entry) => compileEndpoint(endpointOfCode(entry, settings.auth), workshop, login),
    release: (user) => {
      const session = sessions.end(user);
      if (session !== undefined && session.lane !== common) session.lane.close();
    },
    close: async () => {
      await Promise.all([...hub.all].map((connection) => connection.destroy()));
    },
  };
}

function roadsOf({ tls, http2, proxy }: RestSettings, { rehearsal }: ClientHost): Roads {
  return {
    tls: { ...secureOptions(tls), ...protocolsOf(http2) },
    proxyFor: rehearsal ? noProxy : proxyFinder(proxy, process.env),
  };
}
