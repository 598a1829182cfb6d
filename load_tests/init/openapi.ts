/** A config from an OpenAPI document: 2 (Swagger), 3.0 or 3.1. */
import {
  type ConfigDraft,
  type EndpointDraft,
  literal,
  NoConfig,
  offUnlessReading,
  secretOf,
  serviceName,
} from "./draft.ts";
import { followed, isMap, type LookUp, type Schema, sample } from "./sample.ts";

const METHODS = ["get", "head", "post", "put", "patch", "delete", "options"];
const UNKNOWN_HOST = "http://localhost:8080";

export const isOpenApi = (value: unknown): value is Schema =>
  isMap(value) && ("openapi" in value || "swagger" in value);

const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

function lookUpIn(document: Schema): LookUp {
  return (ref) => {
    if (!ref.startsWith("#/")) return undefined;
    const parts = ref
      .slice(2)
      .split("/")
      .map((part) => decodeURIComponent(part).replaceAll("~1", "/").replaceAll("~0", "~"));
    return parts.reduce<unknown>(
      (at, part) => (isMap(at) || Array.isArray(at) ? (at as Schema)[part] : undefined),
      document,
    );
  };
}

/** The first server, its variables filled in; relative ones hang on the document's own address. */
function serverOf(document: Schema, address: string | null): string {
  if (typeof document.swagger === "string") {
    const scheme = list(document.schemes).includes("https") || document.schemes === undefined ? "https" : "http";
    const own = address === null ? null : new URL(address);
    const host = typeof document.host === "string" ? `${scheme}://${document.host}` : (own?.origin ?? UNKNOWN_HOST);
    return `${host}${typeof document.basePath === "string" ? document.basePath : ""}`;
  }
  const server = list(document.servers)[0];
  if (!isMap(server) || typeof server.url !== "string")
    return address === null ? UNKNOWN_HOST : new URL(address).origin;
  const variables = isMap(server.variables) ? server.variables : {};
  const url = server.url.replace(/\{([^}]+)\}/g, (_, name) =>
    String(followed(variables[name], () => undefined).default ?? "x"),
  );
  return URL.canParse(url, address ?? UNKNOWN_HOST) ? new URL(url, address ?? UNKNOWN_HOST).href : UNKNOWN_HOST;
}

interface Operation {
  readonly path: string;
  readonly method: string;
  readonly parameters: readonly Schema[];
  readonly operation: Schema;
}

function operationsOf(document: Schema, lookUp: LookUp): Operation[] {
  return Object.entries(isMap(document.paths) ? document.paths : {}).flatMap(([path, node]) => {
    const item = followed(node, lookUp);
    return METHODS.filter((method) => isMap(item[method])).map((method) => {
      const operation = item[method] as Schema;
      const all = [...list(item.parameters), ...list(operation.parameters)].map((each) => followed(each, lookUp));
      const parameters = [...new Map(all.map((each) => [`${each.in} ${each.name}`, each])).values()];
      return { path, method: method.toUpperCase(), parameters, operation };
    });
  });
}

const textOf = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));

/** The value of a parameter; OpenAPI 2 writes the schema into the parameter itself. */
function parameterText(parameter: Schema, lookUp: LookUp): string {
  const content = isMap(parameter.content) ? Object.values(parameter.content)[0] : undefined;
  const schema = parameter.schema ?? followed(content, lookUp).schema ?? parameter;
  const example =
    parameter.example ?? Object.values(Object(parameter.examples)).map((each) => followed(each, lookUp).value)[0];
  const value = example === undefined ? sample(schema, lookUp) : literal(textOf(example));
  return Array.isArray(value) ? value.map(textOf).join(",") : textOf(value);
}

const named = (parameters: readonly Schema[], where: string, lookUp: LookUp): Record<string, string> =>
  Object.fromEntries(
    parameters
      .filter((each) => each.in === where && each.required === true && typeof each.name === "string")
      .map((each) => [literal(each.name as string), parameterText(each, lookUp)]),
  );

const unlessEmpty = <T extends object>(key: string, map: T): Record<string, T> =>
  Object.keys(map).length === 0 ? {} : { [key]: map };

/** Path parameters as they are sent: what a template draws is no place for a slash. */
function pathOf({ path, parameters }: Operation, lookUp: LookUp): string {
  return path.replace(/\{([^{}]+)\}/g, (_, name) => {
    const parameter = parameters.find((each) => each.in === "path" && each.name === name);
    const value = parameter === undefined ? "{{random.word}}" : parameterText(parameter, lookUp);
    return value.includes("{{") || value.includes("${") ? value : encodeURIComponent(value);
  });
}

type Body = Pick<EndpointDraft, "json" | "form" | "body" | "headers">;

/** The body that an operation asks for: JSON or a form. */
function bodyOf({ parameters, operation }: Operation, lookUp: LookUp): Body {
  const body = parameters.find((each) => each.in === "body");
  if (body !== undefined) return { json: sample(body.schema, lookUp) };
  const form = parameters.filter((each) => each.in === "formData" && each.type !== "file");
  if (form.length > 0) return { form: named(form, "formData", lookUp) };
  const content = followed(operation.requestBody, lookUp).content;
  if (!isMap(content)) return {};
  const [type, media] = Object.entries(content).find(([each]) => /[/+]json\b/.test(each)) ??
    Object.entries(content)[0] ?? ["", {}];
  const { schema, example } = followed(media, lookUp);
  const value = example === undefined ? sample(schema, lookUp) : JSON.parse(literal(JSON.stringify(example)));
  if (/[/+]json\b/.test(type)) return { json: value };
  if (!isMap(value)) return { body: textOf(value), headers: { "content-type": type } };
  return { form: Object.fromEntries(Object.entries(value).map(([key, each]) => [key, textOf(each)])) };
}

function endpointOf(operation: Operation, lookUp: LookUp): EndpointDraft {
  const { method, path, parameters } = operation;
  const { headers: bodyHeaders = {}, ...body } = ["GET", "HEAD"].includes(method) ? {} : bodyOf(operation, lookUp);
  const headers = { ...named(parameters, "header", lookUp), ...bodyHeaders };
  return {
    method,
    path: pathOf(operation, lookUp),
    name: literal(`${method} ${path}`),
    ...unlessEmpty("query", named(parameters, "query", lookUp)),
    ...unlessEmpty("headers", headers),
    ...body,
    ...offUnlessReading(method),
  };
}

/** How the document says that callers prove who they are; secrets are variables. */
function securityOf(
  document: Schema,
  lookUp: LookUp,
): { auth?: object; headers?: Record<string, string>; query?: Record<string, string> } {
  const components = isMap(document.components) ? document.components.securitySchemes : document.securityDefinitions;
  const schemes = Object.values(isMap(components) ? components : {}).map((each) => followed(each, lookUp));
  const scheme = schemes[0];
  if (scheme === undefined) return {};
  if (scheme.type === "basic" || (scheme.type === "http" && String(scheme.scheme).toLowerCase() === "basic"))
    return { auth: { basic: { user: secretOf("API_USER"), password: secretOf("API_PASSWORD") } } };
  if (scheme.type === "apiKey" && typeof scheme.name === "string")
    return scheme.in === "header"
      ? { headers: { [scheme.name]: secretOf("API_KEY") } }
      : scheme.in === "query"
        ? { query: { [scheme.name]: secretOf("API_KEY") } }
        : {};
  return { auth: { bearer: secretOf("API_TOKEN") } };
}

/** `address` is where the document was fetched from. */
export function fromOpenApi(document: Schema, address: string | null): ConfigDraft {
  const lookUp = lookUpIn(document);
  const operations = operationsOf(document, lookUp);
  if (operations.length === 0) throw new NoConfig("the OpenAPI document has no paths: expected at least one");
  const { query, ...security } = securityOf(document, lookUp);
  const withKey = (each: EndpointDraft): EndpointDraft =>
    query === undefined ? each : { ...each, query: { ...each.query, ...query } };
  const host = serverOf(document, address).replace(/\/+$/, "");
  const endpoints = operations.map((each) => withKey(endpointOf(each, lookUp)));
  const notes =
    query !== undefined || "auth" in security || "headers" in security
      ? ["Set API_TOKEN, API_KEY, or API_USER and API_PASSWORD: what stands for them is a placeholder."]
      : [];
  return { services: [{ name: serviceName(new URL(host).host), host, ...security, endpoints }], notes };
}
