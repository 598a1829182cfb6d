/** Turns a WebSocket service as written into the Service that runs, and reports what cannot be right. */
import type { Endpoint, Service } from "../../core/model.ts";
import type { Resolver } from "../../core/plugin.ts";
import { EXPECTED_ADDRESS, parseAddress, withoutLogin } from "../address.ts";
import { isBase64 } from "../base64.ts";
import { readEntry, THROWING } from "../code.ts";
import { isJsonPath } from "../json_path.ts";
import { checkHeaders, checkPath } from "../rules.ts";
import { commonOf, tagged } from "../service.ts";
import { resolveTls } from "../tls.ts";
import { message, type RawMessage, type RawWebSocket } from "./schema.ts";
import type { MessageSettings, ReplySpec, SendSpec, WebSocketSettings } from "./settings.ts";

export function resolveWebSocket(name: string, raw: RawWebSocket, at: Resolver): Service {
  const embedded = raw.host === "embedded";
  const path = raw.path.replace(/(?<!\{)\{user_id\}(?!\})/g, "{{user.id}}");
  checkPath(["path"], path, at);
  checkHeaders(["headers"], raw.headers, at);
  checkSubprotocols(raw.subprotocols, at);
  const headers = { ...raw.headers, ...(embedded ? {} : loginOfHost(raw.host, at)) };
  const { connection, subprotocols, ping = null } = raw;
  const tls = resolveTls(raw.tls, embedded || parseAddress(raw.host)?.secure !== false, at);
  const pushes = resolvePushes(raw, at);
  const settings: WebSocketSettings = { path, headers, subprotocols, connection, ping, pushes, tls };
  return {
    ...commonOf(name, raw),
    protocol: "websocket",
    driver: raw.driver ?? "fast",
    endpoints: raw.messages.map((each, i) => resolveMessage(each, { name, here: ["messages", i], at })),
    settings,
  };
}

function resolvePushes({ pushes, ping }: RawWebSocket, at: Resolver): WebSocketSettings["pushes"] {
  if (ping === 0) at.issue(["ping"], "expected a time over 0, such as 20s, or no ping at all");
  if (pushes === undefined) return null;
  const { timestamp } = pushes;
  if (!isJsonPath(timestamp))
    at.issue(["pushes", "timestamp"], `expected a JSONPath such as $.ts, found "${timestamp}"`);
  return { timestamp };
}

/** User and password of the URL, as the header that says them. */
function loginOfHost(host: string, at: Resolver): Record<string, string> {
  const address = parseAddress(host);
  if (address === undefined) at.issue(["host"], `${EXPECTED_ADDRESS}, found "${withoutLogin(host)}"`);
  if (!address?.login) return {};
  const { user, password } = address.login;
  return { authorization: `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}` };
}

function checkSubprotocols(names: readonly string[], at: Resolver): void {
  for (const [i, name] of names.entries()) {
    if (!/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(name))
      at.issue(["subprotocols", i], `expected letters, digits and dashes, found "${name}"`);
    if (names.indexOf(name) !== i) at.issue(["subprotocols", i], `expected each name once, found "${name}" again`);
  }
}

interface Place {
  readonly name: string;
  readonly here: readonly (string | number)[];
  readonly at: Resolver;
}

function resolveMessage(raw: RawMessage, { name, here, at }: Place): Endpoint {
  const reply = resolveReply(raw, [...here, "reply"], at);
  if (reply.kind === "none" && raw.checks.length > 0)
    at.issue([...here, "checks"], "expected no checks where `reply: none`: there is no answer to check");
  const settings: MessageSettings = {
    send: resolveSend(raw.send, [...here, "send"], at),
    reply,
    timeout: raw.timeout ?? null,
  };
  return {
    name: raw.name ?? `${name} message`,
    method: "WS",
    weight: raw.weight,
    ...tagged(raw),
    checks: at.checks([...here, "checks"], raw.checks),
    settings,
  };
}

/** A message that code sends, read at its first use. Throws an Error with a sentence. */
export const messageOfCode = (entry: unknown, name: string): Endpoint => ({
  ...resolveMessage(readEntry(message, entry), { name, here: [], at: THROWING }),
  keepsBody: true,
});

function resolveSend(raw: RawMessage["send"], here: Place["here"], at: Resolver): SendSpec {
  if (isBytes(raw)) {
    if (!isBase64(raw.bytes)) at.issue([...here, "bytes"], "expected base64, found other characters or a wrong length");
    return { kind: "bytes", base64: raw.bytes };
  }
  at.templates(here, raw);
  return typeof raw === "string" ? { kind: "text", text: raw } : { kind: "json", value: raw };
}

const isBytes = (raw: RawMessage["send"]): raw is { bytes: string } =>
  typeof raw === "object" && !Array.isArray(raw) && typeof raw.bytes === "string" && Object.keys(raw).length === 1;

function resolveReply({ reply: raw, send }: RawMessage, here: Place["here"], at: Resolver): ReplySpec {
  if (raw === "next" || raw === "none") return { kind: raw };
  if ("count" in raw && typeof raw.count === "number") return { kind: "count", count: raw.count };
  const entries = Object.entries(raw);
  const [[path, value] = ["$", ""]] = entries;
  if (entries.length !== 1)
    at.issue(here, `expected one field such as {"$.id": "{{sent.id}}"}, found ${entries.length}`);
  else if (!isJsonPath(path)) at.issue([...here, path], `expected a JSONPath such as $.id, found "${path}"`);
  at.templates([...here, path], value, ["sent"]);
  for (const field of sentFields(value))
    if (!isSent(send, field.split(".").slice(1)))
      at.issue([...here, path], `expected a field of \`send\`, found ${field}, which it has not: no reply would match`);
  return { kind: "field", path, value };
}

/** What a template takes of the message that was sent: `sent.id`. */
const sentFields = (value: unknown): string[] =>
  [...String(value).matchAll(/\{\{.*?\}\}/g)].flatMap(([tag]) => tag.match(/\bsent(?:\.\w+)*/g) ?? []);

/** A message in JSON has the fields that are written; text and bytes have none. */
function isSent(send: unknown, [key, ...rest]: readonly string[]): boolean {
  if (key === undefined) return true;
  if (typeof send !== "object" || send === null || isBytes(send as RawMessage["send"])) return false;
  return Object.hasOwn(send, key) && isSent((send as Record<string, unknown>)[key], rest);
}
