/** A REST service as written in the config. */
import { z } from "zod";
import { driver, duration, enabledEntry, tags, weight } from "../../core/fields.ts";
import { standInSchema } from "../../core/standin.ts";
import { tlsSchema } from "../tls.ts";
import { METHODS } from "./settings.ts";

const text = z.union([z.string(), z.number(), z.boolean()]).transform(String);
const texts = z.record(z.string(), text);
/** Headers as a map, or as the JSON of one: variables can bring that. */
const headers = z.union([
  texts,
  z.null().transform((): Record<string, string> => ({})),
  z.string().transform((json, ctx): Record<string, string> => {
    const read = jsonOf(json);
    const found = texts.safeParse(read);
    if (found.success) return found.data;
    ctx.addIssue({ code: "custom", message: "expected headers, or a text that is a JSON object of them" });
    return z.NEVER;
  }),
]);

function jsonOf(text: string): unknown {
  try {
    return text.trim() === "" ? {} : JSON.parse(text);
  } catch {
    return undefined;
  }
}

const method = z.enum(METHODS);

/** Client credentials (RFC 6749 4.4). */
const oauth2 = z.strictObject({
  /** A path of the service, or an http(s) URL. */
  token_url: z.string(),
  client_id: z.string(),
  client_secret: z.string(),
  scope: z.string().optional(),
  audience: z.string().optional(),
  /** Where the client's id and secret stand. */
  credentials: z.enum(["header", "body"]).default("header"),
});

const login = z.strictObject({
  method: method.default("POST"),
  path: z.string().optional(),
  query: texts.default({}),
  json: z.unknown().optional(),
  form: texts.optional(),
  oauth2: oauth2.optional(),
  /** JSONPath of the token in the answer. */
  token: z.string().default("$.access_token"),
});

const auth = z.strictObject({
  /** Null, as an empty variable gives it: no credentials. */
  bearer: z.string().nullable().optional(),
  basic: z.strictObject({ user: z.string(), password: z.string() }).optional(),
  login: login.optional(),
});

const file = z.strictObject({
  path: z.string().optional(),
  /** Base64. */
  bytes: z.string().optional(),
  text: z.string().optional(),
  filename: z.string().optional(),
  type: z.string().optional(),
});

/** One call; a step of a workload is such a one too. */
export const endpoint = z.strictObject({
  path: z.string(),
  method: method.default("GET"),
  name: z.string().min(1).optional(),
  weight: weight.default(1),
  tags: tags.optional(),
  query: texts.default({}),
  headers: texts.default({}),
  json: z.unknown().optional(),
  form: texts.optional(),
  multipart: z.record(z.string(), z.union([text, file])).optional(),
  body: z.string().optional(),
  body_file: z.string().optional(),
  requires_auth: z.boolean().optional(),
  checks: z.array(z.string()).default([]),
  timeout: duration.optional(),
});

export const restSchema = z.strictObject({
  host: z.string(),
  weight: weight.default(1),
  headers: headers.prefault({}),
  auth: auth.optional(),
  timeout: duration.prefault("30s"),
  connect_timeout: duration.prefault("10s"),
  connections: z.enum(["per_user", "shared", "per_request"]).optional(),
  wait_for_ready: duration.prefault("30s"),
  ready: z.string().optional(),
  tls: tlsSchema.optional(),
  /** Address of an HTTP proxy, or `none`; the environment's (HTTP_PROXY, HTTPS_PROXY, NO_PROXY), where absent. */
  proxy: z.string().optional(),
  /** HTTP/2 where the server agrees to it, over https. */
  http2: z.boolean().default(false),
  driver: driver.optional(),
  compression: z.boolean().default(false),
  redirects: z.int().nonnegative().default(10),
  enabled: z.boolean().default(true),
  embedded: standInSchema.prefault({}),
  endpoints: z.array(endpoint.extend({ enabled: enabledEntry })).default([]),
});

export type RawRest = z.output<typeof restSchema>;
export type RawEndpoint = RawRest["endpoints"][number];
export type RawLogin = z.output<typeof login>;
export type RawAuth = NonNullable<RawRest["auth"]>;
