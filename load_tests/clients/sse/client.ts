/** The client of one OpenAI-compatible service in one worker. */
import type { Endpoint, Service } from "../../core/model.ts";
import type { Client, ClientHost, Op, User } from "../../core/plugin.ts";
import { addressOf } from "../address.ts";
import { secureOptions } from "../tls.ts";
import { EXTRA, Exchange, FIRST, GAP } from "./exchange.ts";
import { compileRequest, secretsOf } from "./request.ts";
import type { OpenAiSettings, PromptSettings } from "./settings.ts";
import { type Hub, Wire } from "./wire.ts";

/** Compiles every prompt; connections are opened by the calls. Throws where a certificate cannot be read. */
export function openOpenAi(service: Service, host: ClientHost): Client {
  const settings = service.settings as OpenAiSettings;
  for (const secret of secretsOf(settings)) host.secret(secret);
  const connections = settings.connections ?? (host.drive === "users" ? "per_user" : "shared");
  const address = addressOf(service);
  const hub: Hub = {
    address,
    tls: address.secure ? secureOptions(settings.tls) : {},
    connectTimeout: service.connectTimeout,
    keep: connections !== "per_request",
    all: new Set(),
  };
  const common = connections === "per_user" ? null : new Wires(hub);
  const wiresOf = (user: User): Wires => {
    if (common !== null) return common;
    const wires = (user.slots.get(hub) as Wires | undefined) ?? new Wires(hub);
    user.slots.set(hub, wires);
    return wires;
  };
  return {
    ops: service.endpoints.map((endpoint) => compilePrompt(endpoint, settings, { base: address.path, wiresOf })),
    release: (user) => {
      (user.slots.get(hub) as Wires | undefined)?.close();
      user.slots.delete(hub);
    },
    close: async () => void (await Promise.all([...hub.all].map((wire) => wire.close()))),
  };
}

interface Way {
  readonly base: string;
  readonly wiresOf: (user: User) => Wires;
}

function compilePrompt(endpoint: Endpoint, settings: OpenAiSettings, { base, wiresOf }: Way): Op {
  const build = compileRequest(base, settings, endpoint.settings as PromptSettings);
  const { stream } = settings;
  return {
    name: endpoint.name,
    method: endpoint.method,
    endpoint,
    firstItem: stream ? FIRST : null,
    gap: stream ? GAP : null,
    extra: EXTRA,
    start: (user, values, call) => {
      const wires = wiresOf(user);
      new Exchange({ call, request: build(values), stream, dispatch: (exchange) => wires.start(exchange) }).start();
    },
  };
}

/** The connections of one user, or of all: the last that became idle is used first. */
class Wires {
  private readonly hub: Hub;
  private readonly idle: Wire[] = [];
  private closed = false;

  constructor(hub: Hub) {
    this.hub = hub;
  }

  start(exchange: Exchange): void {
    const wire = this.idle.pop() ?? new Wire(this.hub, (each) => this.give(each));
    wire.start(exchange);
  }

  /** Closes what is idle now, and the rest when it comes back. */
  close(): void {
    this.closed = true;
    for (const wire of this.idle.splice(0)) wire.drop();
  }

  private give(wire: Wire): void {
    if (this.closed || !this.hub.keep) wire.drop();
    else this.idle.push(wire);
  }
}
