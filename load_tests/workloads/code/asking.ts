/**
 * What code asks for, as requests: what stays the same from call to call is their form, made once and known by its key;
 * the rest goes with each call.
 */
import type { CallOptions, GrpcOptions, HttpOptions, SendOptions } from "../../core/code.ts";
import type { Service } from "../../core/model.ts";
import { ASKED } from "../../core/workload.ts";
import type { Book, Form } from "./book.ts";

export interface Asking {
  readonly form: Form;
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
type Texts = Readonly<Record<string, unknown>>;

const NONE = {};

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

const taken = (name: string): string => `{{${ASKED}.${name}}}`;

/** Names that are given, each with the template that takes its value. */
const takenEach = (values: Texts): Record<string, string> =>
  Object.fromEntries(namesOf(values).map((name, i) => [name, taken(`v${i}`)]));

const namesOf = (values: Texts): string[] => Object.keys(values).filter((name) => values[name] !== undefined);

/** Puts the values of such names where the templates look for them. */
function putEach(values: Texts, asked: Entry): void {
  namesOf(values).forEach((name, i) => {
    asked[`v${i}`] = values[name];
  });
}

const common = ({ checks }: CallOptions, { tags }: Asker): Entry => ({
  ...(checks === undefined ? {} : { checks }),
  ...(tags.length === 0 ? {} : { tags }),
});

/** What of the options is the form's in every protocol; most calls have none of it. */
function keyOf({ tags }: Asker, { service, checks, timeout }: CallOptions): string {
  if (service === undefined && checks === undefined && timeout === undefined && tags.length === 0) return "";
  return JSON.stringify([service, checks, timeout, tags]);
}

/** `method` in capitals. */
export function askHttp(asker: Asker, method: string, path: string, options: HttpOptions = NONE): Asking {
  if (typeof path !== "string" || !path.startsWith("/"))
    throw new TypeError(`expected a path that begins with "/", found ${JSON.stringify(path)}`);
  const { query, json, form, body, requires_auth } = options;
  const name = options.name ?? `${method} ${path.split(/[?#]/, 1)[0]}`;
  const headers = headersOf(options);
  const content = json !== undefined ? "json" : form !== undefined || body !== undefined ? "body" : "";
  const names = headers === null ? "" : JSON.stringify(namesOf(headers));
  const key = `${method} ${content} ${requires_auth ?? ""} ${names} ${keyOf(asker, options)} ${name}`;
  const made = asker.book.form(key, name, () => ({
    service: placeOf(asker, "rest", options.service),
    entry: {
      ...{ method, path: taken("path"), ...common(options, asker) },
      ...(headers === null ? {} : { headers: takenEach(headers) }),
      ...(content === "" ? {} : { [content]: taken("content") }),
      ...(options.timeout === undefined ? {} : { timeout: options.timeout }),
      ...(requires_auth === undefined ? {} : { requires_auth }),
    },
  }));
  const sent = json ?? (form === undefined ? body : encoded(form));
  const asked: Entry = { path: query === undefined ? path : withQuery(path, query), content: sent };
  if (headers !== null) putEach(headers, asked);
  return { form: made, asked };
}

/** Null where the call brings none. */
function headersOf({ headers, form }: HttpOptions): Texts | null {
  if (form === undefined) return headers ?? null;
  const has = Object.keys(headers ?? NONE).some((name) => name.toLowerCase() === "content-type");
  return has ? headers! : { "content-type": "application/x-www-form-urlencoded", ...headers };
}

const encoded = (fields: Texts): string =>
  new URLSearchParams(
    Object.entries(fields).map(([name, value]): [string, string] => [name, String(value)]),
  ).toString();

const withQuery = (path: string, query: Texts): string => `${path}${path.includes("?") ? "&" : "?"}${encoded(query)}`;

/** A method `service.Method` of a service of the config is that service's. */
export function askGrpc(asker: Asker, method: string, message: unknown, options: GrpcOptions = NONE): Asking {
  const dot = method.lastIndexOf(".");
  const before = method.slice(0, Math.max(0, dot));
  const isShort =
    options.service === undefined &&
    asker.services.some(({ protocol, name }) => protocol === "grpc" && name === before);
  const { metadata, interval } = options;
  const said =
    metadata === undefined && interval === undefined ? "" : JSON.stringify([interval, namesOf(metadata ?? NONE)]);
  const key = `grpc ${method} ${said} ${keyOf(asker, options)} ${options.name ?? ""}`;
  const service = (): number => placeOf(asker, "grpc", isShort ? before : options.service);
  const short = method.slice(Math.max(method.lastIndexOf("/"), dot) + 1);
  const made = asker.book.form(key, options.name ?? (() => `${asker.services[service()]!.name}.${short}`), () => ({
    service: service(),
    entry: {
      ...{ method: isShort ? method.slice(dot + 1) : method, ...common(options, asker) },
      ...(metadata === undefined ? {} : { metadata: takenEach(metadata) }),
      ...(interval === undefined ? {} : { interval }),
      ...(options.timeout === undefined ? {} : { deadline: options.timeout }),
    },
  }));
  const asked: Entry = { messages: Array.isArray(message) ? message : [message ?? {}] };
  if (metadata !== undefined) putEach(metadata, asked);
  return { form: made, asked };
}

export function askSocket(asker: Asker, message: unknown, options: SendOptions = NONE): Asking {
  if (ArrayBuffer.isView(message)) throw new TypeError("expected text or JSON to send, found bytes");
  const { reply } = options;
  const fields = typeof reply === "object" && !("count" in reply) ? reply : null;
  const said = reply === undefined ? "" : JSON.stringify(fields === null ? reply : namesOf(fields));
  const key = `send ${said} ${keyOf(asker, options)} ${options.name ?? ""}`;
  const service = (): number => placeOf(asker, "websocket", options.service);
  const made = asker.book.form(key, options.name ?? (() => `${asker.services[service()]!.name} message`), () => ({
    service: service(),
    entry: {
      ...{ send: taken("message"), ...common(options, asker) },
      ...(reply === undefined ? {} : { reply: fields === null ? reply : takenEach(fields) }),
      ...(options.timeout === undefined ? {} : { timeout: options.timeout }),
    },
  }));
  const asked: Entry = { message: typeof message === "string" ? message : JSON.stringify(message ?? null) };
  if (fields !== null) putEach(fields, asked);
  return { form: made, asked };
}
