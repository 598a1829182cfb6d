/** Requests, compiled once an endpoint. */
import { compileText, hasTemplate, type Values } from "../../core/template.ts";
import { type HttpRequest, RequestHeaders } from "../wire/request.ts";
import { type Body, compileBody, compileForm } from "./body.ts";
import type { BodySpec, Method, TextMap } from "./settings.ts";

export interface RequestSpec {
  readonly method: Method;
  /** The address's own path, in front of `path`. */
  readonly base: string;
  readonly path: string;
  readonly query: TextMap;
  /** Later ones replace earlier ones of the same name. */
  readonly headers: readonly TextMap[];
  /** Credentials go with it: the config's own `authorization` header does not. */
  readonly authorized: boolean;
  readonly body: BodySpec | null;
  /** The value of the `authorization` header; null where there is none, or where each call brings its token. */
  readonly authorization: Compiled<string> | null;
}

/** `token` goes as a bearer token beside the headers of the config. */
export type BuildRequest = (values: Values, token: string | null) => HttpRequest;

const USER_AGENT: TextMap = { "user-agent": "tenfold" };

export function compileRequest(spec: RequestSpec): BuildRequest {
  const { method } = spec;
  const path = compilePath(spec);
  const body = spec.body === null ? null : compileBody(spec.body);
  const headers = compileHeaders(spec, body);
  const build = (values: Values): HttpRequest => ({
    method,
    path: path.render(values),
    headers: headers.render(values),
    body: body === null ? null : body.render(values),
  });
  const constant = path.constant && headers.constant && (body?.constant ?? true);
  const fixed = constant ? build(Object.freeze({}) as Values) : null;
  return (values, token) => {
    const request = fixed ?? build(values);
    if (token === null) return request;
    return { ...request, headers: request.headers.with("authorization", `Bearer ${token}`, ", ") };
  };
}

/** What is made for each call; `constant` if that is the same each time. */
export interface Compiled<T> {
  readonly constant: boolean;
  readonly render: (values: Values) => T;
}

function compilePath({ base, path, query }: RequestSpec): Compiled<string> {
  const front = base.replace(/\/$/, "");
  const text = compileText(path);
  const form = Object.keys(query).length === 0 ? null : compileForm(query);
  const render = (values: Values): string => {
    const own = text(values);
    const whole = front + (own.startsWith("/") ? own : `/${own}`);
    return escapePath(form === null ? whole : `${whole}${whole.includes("?") ? "&" : "?"}${form(values)}`);
  };
  if (hasTemplate(path) || hasTemplate(query)) return { constant: false, render };
  const constant = render(Object.freeze({}) as Values);
  return { constant: true, render: () => constant };
}

/** Percent-encodes what may not stand in a request line; what is encoded already stays as it is. */
function escapePath(path: string): string {
  if (!/[^\x21-\x7e]/.test(path)) return path;
  const wellFormed = Buffer.from(path).toString();
  return wellFormed.replace(/[^\x21-\x7e]/gu, encodeURIComponent);
}

function compileHeaders(spec: RequestSpec, body: Body | null): Compiled<RequestHeaders> {
  const type: TextMap = body?.contentType ? { "content-type": body.contentType } : {};
  const texts = new Map<string, string>();
  for (const map of [USER_AGENT, type, ...spec.headers])
    for (const [name, value] of Object.entries(map)) texts.set(name.toLowerCase(), value);
  if (spec.authorized) texts.delete("authorization");
  const entries = [...texts].map(([name, value]) => [name, compileText(value)] as const);
  if (spec.authorization !== null) entries.push(["authorization", spec.authorization.render]);
  const render = (values: Values) => new RequestHeaders(entries.flatMap(([name, value]) => [name, value(values)]));
  const constant = ![...texts.values()].some(hasTemplate) && spec.authorization?.constant !== false;
  if (!constant) return { constant, render };
  const fixed = render(Object.freeze({}) as Values);
  return { constant, render: () => fixed };
}
