/** The WebSocket client of one service in one worker. */
import type { Endpoint, Ms, Service } from "../../core/model.ts";
import type { Client, ClientHost, Op, User } from "../../core/plugin.ts";
import { compileText, hasTemplate, type Values } from "../../core/template.ts";
import { addressOf } from "../address.ts";
import { secureOptions } from "../tls.ts";
import { Conversation, type Hub } from "./conversation.ts";
import { openFastLink } from "./fast/link.ts";
import type { Asked } from "./link.ts";
import { ANSWERED } from "./message.ts";
import { compileSentAt } from "./push.ts";
import { openReferenceLink } from "./reference/link.ts";
import { messageOfCode } from "./resolve.ts";
import { compileSending } from "./sending.ts";
import type { MessageSettings, WebSocketSettings } from "./settings.ts";

const UNTIMED = { firstItem: null, gap: null } as const;

/** Compiles every message; connections are opened by the op `<service> connect`, which the others need. */
export function openWebSocket(service: Service, host: ClientHost): Client {
  const settings = service.settings as WebSocketSettings;
  for (const secret of secretsOf(settings)) host.secret(secret);
  const address = addressOf(service);
  const { connectTimeout } = service;
  const { subprotocols, connection } = settings;
  const push = settings.pushes === null ? null : unaskedOp(`${service.name} push`);
  const ping = settings.ping === null ? null : unaskedOp(`${service.name} ping`);
  const hub: Hub = {
    address,
    tls: address.secure ? secureOptions(settings.tls) : {},
    subprotocols,
    open: service.driver === "reference" ? openReferenceLink : openFastLink,
    connectTimeout,
    once: connection === "message",
    ping: ping === null ? null : pinging(ping, settings.ping!, host),
    pushes: push === null ? null : pushing(push, settings.pushes!.timestamp, host),
    all: new Set(),
  };
  const connect = compileConnect(service, hub);
  const unasked = [push, ping].filter((op) => op !== null);
  return {
    keepsHost: !hub.once,
    compile: (entry) => compileMessage(messageOfCode(entry, service.name), hub, connect),
    ops: [...service.endpoints.map((endpoint) => compileMessage(endpoint, hub, connect)), ...unasked, connect],
    release: (user) => {
      conversationOf(user, hub)?.hangUp();
      user.slots.delete(hub);
    },
    close: () => closeAll(hub),
  };
}

/** Credentials among the headers: what comes after `Basic` or `Bearer`. */
const secretsOf = ({ headers }: WebSocketSettings): string[] =>
  Object.entries(headers).flatMap(([name, value]) =>
    name.toLowerCase() === "authorization" && !hasTemplate(value) ? [value.replace(/^(basic|bearer) +/i, "")] : [],
  );

const conversationOf = (user: User, hub: Hub): Conversation | undefined =>
  user.slots.get(hub) as Conversation | undefined;

/** Calls that no user makes: they are begun by the connection. */
const unaskedOp = (name: string): Op => ({
  name,
  method: "WS",
  endpoint: null,
  ...UNTIMED,
  start: (_user, _values, call) => call.end("ok", ANSWERED),
});

const pinging = (op: Op, delay: Ms, { every, begin }: ClientHost): Hub["ping"] => ({
  every: (fn) => every?.(delay, fn) ?? (() => {}),
  begin: (user) => begin?.(op, user) ?? null,
});

const pushing = (op: Op, timestamp: string, { begin }: ClientHost): Hub["pushes"] => ({
  sentAt: compileSentAt(timestamp),
  begin: (user, since) => begin?.(op, user, since) ?? null,
});

function compileMessage(endpoint: Endpoint, hub: Hub, connect: Op): Op {
  const settings = endpoint.settings as MessageSettings;
  const build = compileSending(settings, endpoint.keepsBody === true);
  return {
    name: endpoint.name,
    method: endpoint.method,
    endpoint,
    ...UNTIMED,
    ...(settings.timeout === null ? {} : { timeout: settings.timeout }),
    needs: (user) => (conversationOf(user, hub)?.isUsable ? null : connect),
    start: (user, values, call) => {
      const sending = build(values);
      const conversation = conversationOf(user, hub);
      if (conversation?.isUsable) conversation.send(call, sending);
      else call.end("reset", "CLOSED", null, "the connection was lost before the message was sent");
    },
  };
}

/** The op `<service> connect`. Where it failed, `needs` names it again: that is how the engine knows. */
function compileConnect(service: Service, hub: Hub): Op {
  const opening = compileOpening(service.settings as WebSocketSettings, hub);
  return {
    name: `${service.name} connect`,
    method: "WS",
    endpoint: null,
    ...UNTIMED,
    start: (user, values, call) => {
      user.slots.set(hub, new Conversation(hub, { ...opening(values), user }, call));
    },
  };
}

function compileOpening({ path, headers }: WebSocketSettings, { address }: Hub): (values: Values) => Asked {
  const base = `${address.secure ? "wss" : "ws"}://${address.authority}${address.path}`;
  const own = compileText(path);
  const entries = Object.entries({ "user-agent": "tenfold", ...headers });
  const texts = entries.map(([name, text]) => [name, compileText(text)] as const);
  return (values) => {
    const rendered = own(values);
    return {
      url: base + (rendered.startsWith("/") ? rendered : `/${rendered}`),
      headers: Object.fromEntries(texts.map(([name, text]) => [name, text(values)])),
    };
  };
}

/** Settles when every link is closed; a server that does not answer the close has a second. */
async function closeAll({ all }: Hub): Promise<void> {
  await Promise.all(
    [...all].map((link) => {
      const closing = new Promise<void>((done) => link.onceGone(done));
      link.close();
      return closing;
    }),
  );
}
