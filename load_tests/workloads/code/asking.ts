/** What code asks for, as requests: what stays the same from call to call is their form, the rest goes with each call. */
import type { CallOptions, GrpcOptions, HttpOptions, SendOptions } from "../../core/code.ts";
import type { Service } from "../../core/model.ts";
import { ASKED, type Request } from "../../core/workload.ts";
import type { Book } from "./book.ts";

export interface Asking {
  readonly name: string;
  readonly request: Request;
  /** What templates of the request find under ASKED. */
  readonly asked: Readonly<Record<string, unknown>>;
}

export interface Asker {
  readonly book: Book;
  readonly services: readonly Service[];
  /** The workload's own. */
  readonly service: string | undefined;
  /** Of the task that calls. */
  readonly tags: readonly string[];
}

type Entry = Record<string, unknown>;

/** Position of the service that a call goes to. Throws where that cannot be said. */
function placeOf({ services, service }: Asker, protocol: string, wanted: string | undefined): number {
  const fits = (name: string) => services.findIndex((each) => each.protocol === protocol && each.name === name);
  const names = services.filter((each) => each.protocol === protocol).map(({ name }) => name);
  const own = wanted ?? (names.length === 1 ? names[0]! : (service ?? ""));
  const place = fits(own);
  if (place >= 0) return place;
  if (names.length === 0) throw new Error(`expected a service under services.${protocol} for this call, found none`);
  const found = wanted === undefined ? "none" : `"${wanted}"`;
  throw new Error(`expected \`service\` in the call's options, one of ${names.join(", ")}; found ${found}`);
}

/** A value of each call: the template that takes it, and itself. */
class Parts {
  readonly asked: Entry = {};
  private count = 0;

  put(value: unknown): string {
    const key = `v${this.count++}`;
    this.asked[key] = value;
    return `{{${ASKED}.${key}}}`;
  }

  each(values: Readonly<Record<string, unknown>> = {}): Record<string, string> {
    const taken: Record<string, string> = {};
    for (const [name, value] of Object.entries(values)) if (value !== undefined) taken[name] = this.put(value);
    return taken;
  }
}

const common = ({ checks }: CallOptions, { tags }: Asker): Entry => ({
  ...(checks === undefined ? {} : { checks }),
  ...(tags.length === 0 ? {} : { tags }),
});

const formOf = (service: number, name: string, entry: Entry): string => `${service} ${name} ${JSON.stringify(entry)}`;

function asking(
  { book }: Asker,
  service: number,
  { name, entry, asked }: { name: string; entry: Entry; asked: Entry },
) {
  const bounded = book.bounded(name);
  const request = book.request(formOf(service, bounded, entry), () => ({
    service,
    entry: { ...entry, name: bounded },
  }));
  return { name: bounded, request, asked };
}

/** `method` in capitals. */
export function askHttp(asker: Asker, method: string, path: string, options: HttpOptions = {}): Asking {
  if (typeof path !== "string" || !path.startsWith("/"))
    throw new TypeError(`expected a path that begins with "/", found ${JSON.stringify(path)}`);
  const service = placeOf(asker, "rest", options.service);
  const { query, headers, json, form, body, timeout, requires_auth } = options;
  const name = options.name ?? `${method} ${path.split(/[?#]/)[0]}`;
  const parts = new Parts();
  const entry: Entry = { method, path: parts.put(withQuery(path, query)), ...common(options, asker) };
  if (headers !== undefined || form !== undefined) entry.headers = parts.each({ ...typeOf(options), ...headers });
  if (json !== undefined) entry.json = parts.put(json);
  else if (form !== undefined) entry.body = parts.put(encoded(form));
  else if (body !== undefined) entry.body = parts.put(body);
  if (timeout !== undefined) entry.timeout = timeout;
  if (requires_auth !== undefined) entry.requires_auth = requires_auth;
  return asking(asker, service, { name, entry, asked: parts.asked });
}

const typeOf = ({ form, headers = {} }: HttpOptions): Record<string, string> => {
  const has = Object.keys(headers).some((name) => name.toLowerCase() === "content-type");
  return form === undefined || has ? {} : { "content-type": "application/x-www-form-urlencoded" };
};

const encoded = (fields: Readonly<Record<string, unknown>>): string =>
  new URLSearchParams(
    Object.entries(fields).map(([name, value]): [string, string] => [name, String(value)]),
  ).toString();

const withQuery = (path: string, query: HttpOptions["query"]): string =>
  query === undefined ? path : `${path}${path.includes("?") ? "&" : "?"}${encoded(query)}`;

/** A method `service.Method` of a service of the config is that service's. */
export function askGrpc(asker: Asker, method: string, message: unknown, options: GrpcOptions = {}): Asking {
  const dot = method.lastIndexOf(".");
  const names = asker.services.filter(({ protocol }) => protocol === "grpc").map(({ name }) => name);
  const before = method.slice(0, Math.max(0, dot));
  const isShort = options.service === undefined && names.includes(before);
  const service = placeOf(asker, "grpc", isShort ? before : options.service);
  const short = method.slice(Math.max(method.lastIndexOf("/"), dot) + 1);
  const name = options.name ?? `${asker.services[service]!.name}.${short}`;
  const parts = new Parts();
  const { metadata, interval, timeout } = options;
  const entry: Entry = { method: isShort ? method.slice(dot + 1) : method, ...common(options, asker) };
  if (metadata !== undefined) entry.metadata = parts.each(metadata);
  if (interval !== undefined) entry.interval = interval;
  if (timeout !== undefined) entry.deadline = timeout;
  const messages = Array.isArray(message) ? message : [message ?? {}];
  return asking(asker, service, { name, entry, asked: { ...parts.asked, messages } });
}

export function askSocket(asker: Asker, message: unknown, options: SendOptions = {}): Asking {
  if (ArrayBuffer.isView(message)) throw new TypeError("expected text or JSON to send, found bytes");
  const service = placeOf(asker, "websocket", options.service);
  const parts = new Parts();
  const { reply, timeout } = options;
  const entry: Entry = { send: parts.put(textOf(message)), ...common(options, asker) };
  if (reply !== undefined) entry.reply = typeof reply === "string" || "count" in reply ? reply : parts.each(reply);
  if (timeout !== undefined) entry.timeout = timeout;
  const name = options.name ?? `${asker.services[service]!.name} message`;
  return asking(asker, service, { name, entry, asked: parts.asked });
}

const textOf = (message: unknown): string => (typeof message === "string" ? message : JSON.stringify(message ?? null));
