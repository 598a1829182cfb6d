/** A draft of a call, checked against its proto, as an Endpoint. */

import { closest } from "fastest-levenshtein";
import type { Endpoint, Ms } from "../../core/model.ts";
import type { Resolver } from "../../core/plugin.ts";
import { hasTemplate } from "../../core/template.ts";
import { tagged } from "../service.ts";
import { type Draft, type Path, shortName } from "./drafts.ts";
import { messageChecker, type NamedType, typeOf } from "./message.ts";
import type { Method, Protos } from "./protos.ts";
import { ROLE_METADATA, type StreamTiming } from "./roles.ts";

/** `Endpoint.settings` of a gRPC method. */
export interface EndpointSettings {
  /** `package.Service/Method`. */
  readonly method: string;
  /** Full names of the messages. */
  readonly request: string;
  readonly answer: string;
  readonly messages: readonly object[];
  readonly interval: Ms;
  /** Null: the service's timeout. */
  readonly deadline: Ms | null;
  readonly metadata: Readonly<Record<string, string>>;
  /** Of answers that stream. */
  readonly timing: StreamTiming | null;
}

export interface Surroundings {
  readonly service: string;
  /** Sent with every call of the service. */
  readonly metadata: Readonly<Record<string, string>>;
  readonly protos: Protos;
  readonly at: Resolver;
}

const ANY_STREAM: StreamTiming = { content: null, firstItem: "first_item", gap: "inter_item" };

/** An endpoint of which only the service itself can say whether it is right. */
export function unchecked(draft: Draft, { service, metadata, at }: Omit<Surroundings, "protos">): Endpoint {
  for (const message of new Set(draft.messages)) at.templates(draft.at, message);
  checkMetadata(draft.metadata, [...draft.at, "metadata"], at);
  const settings: EndpointSettings = { ...plainSettings(draft, metadata), request: "", answer: "", timing: null };
  return endpointOf(draft, settings, { service, at });
}

/** A method may be named without its service where only one is named so. */
function inFull(draft: Draft, { methods }: Protos): Draft {
  if (draft.method.includes("/")) return draft;
  const [found, other] = [...methods.keys()].filter((name) => shortName(name) === draft.method);
  return found === undefined || other !== undefined ? draft : { ...draft, method: found };
}

/** Null where the method is not in the protos; mistakes are reported. */
export function resolveEndpoint(named: Draft, around: Surroundings): Endpoint | null {
  const { protos, at } = around;
  const draft = inFull(named, protos);
  const method = protos.methods.get(draft.method);
  if (method === undefined) {
    reportMethod(draft, around);
    return null;
  }
  checkShape(draft, method, at);
  checkMetadata(draft.metadata, [...draft.at, "metadata"], at);
  const request = typeOf(protos, method.requestType.type, scopeOf(draft));
  const answer = typeOf(protos, method.responseType.type, scopeOf(draft));
  const settings: EndpointSettings = {
    ...plainSettings(draft, around.metadata),
    request: request?.name ?? "",
    answer: answer?.name ?? "",
    messages: checkMessages(draft, request, around),
    timing: method.responseStream ? (draft.known?.timing ?? ANY_STREAM) : null,
  };
  return endpointOf(draft, settings, around);
}

const plainSettings = (draft: Draft, metadata: Surroundings["metadata"]) => ({
  method: draft.method,
  messages: draft.messages,
  interval: draft.interval ?? 0,
  deadline: draft.deadline ?? null,
  metadata: {
    ...(draft.known === null ? {} : ROLE_METADATA),
    ...lowered(metadata),
    ...lowered(draft.metadata),
  },
});

const endpointOf = (
  draft: Draft,
  settings: EndpointSettings,
  { service, at }: Pick<Surroundings, "service" | "at">,
): Endpoint => ({
  name: draft.name ?? `${service}.${shortName(draft.method)}`,
  method: "grpc",
  weight: draft.weight,
  ...tagged(draft),
  checks: at.checks([...draft.at, "checks"], draft.checks ?? draft.known?.checks ?? []),
  settings,
});

const scopeOf = ({ method }: Draft): string => method.slice(0, method.lastIndexOf("/"));

function reportMethod({ method, at: path }: Draft, { protos, at }: Surroundings): void {
  const names = [...protos.methods.keys()];
  const nearest = names.length === 0 ? "they define none" : `the nearest is ${closest(method, names)}`;
  at.issue(
    [...path, "method"],
    `expected package.Service/Method as ${protos.reflected ? "the service itself defines" : "the proto files define"} it, found ${method}; ${nearest}`,
  );
}

/** One message goes to a method that takes one; a list, a count and an interval are for streams. */
function checkShape(draft: Draft, { requestStream }: Method, at: Resolver): void {
  if (requestStream) return;
  const say = (key: string) =>
    at.issue([...draft.at, key], `expected one message: ${draft.method} takes no stream of them, found ${key}`);
  const isList = draft.messageAt(0)[0] === "messages";
  if (draft.messages.length > 1 || (isList && draft.messages.length === 0)) say(isList ? "messages" : "count");
  if (draft.interval !== undefined) say("interval");
}

function checkMessages(draft: Draft, type: NamedType | null, { protos, at }: Surroundings): readonly object[] {
  if (type === null) return draft.messages;
  const checker = messageChecker(protos, at);
  const checked = new Map<object, object>();
  return draft.messages.map((message, index) => {
    const path = [...draft.at, ...draft.messageAt(index)];
    if (!checked.has(message)) {
      at.templates(path, message);
      checked.set(message, checker.check(message, type, path) as object);
    }
    return checked.get(message)!;
  });
}

const lowered = (metadata: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(metadata).map(([key, value]) => [key.toLowerCase(), value]));

/** Reports keys and values that HTTP/2 does not carry, and templates that nothing fills. */
export function checkMetadata(metadata: Readonly<Record<string, string>>, path: Path, at: Resolver): void {
  at.templates(path, metadata);
  for (const [key, value] of Object.entries(metadata)) {
    if (!/^[0-9a-zA-Z_.-]+$/.test(key) || /^grpc-/i.test(key))
      at.issue(
        [...path, key],
        `expected a name of letters, digits, - _ . that does not begin with grpc-, found ${key}`,
      );
    if (!hasTemplate(value) && !/^[\x20-\x7e]*$/.test(value))
      at.issue(
        [...path, key],
        "expected printable ASCII (other bytes: base64 under a name that ends in -bin), found other characters",
      );
  }
}
