/** A REST service as written in the config. */
import { z } from "zod";
import { duration, weight } from "../../core/fields.ts";
import { standInSchema } from "../../core/standin.ts";
import { METHODS } from "./settings.ts";

const text = z.union([z.string(), z.number(), z.boolean()]).transform(String);
const texts = z.record(z.string(), text);
const method = z.enum(METHODS);

const login = z.strictObject({
  method: method.default("POST"),
  path: z.string(),
  query: texts.default({}),
  json: z.unknown().optional(),
  /** JSONPath of the token in the answer. */
  token: z.string().default("$.access_token"),
});

const auth = z.strictObject({
  bearer: z.string().optional(),
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

const endpoint = z.strictObject({
  path: z.string(),
  method: method.default("GET"),
  name: z.string().min(1).optional(),
  weight: weight.default(1),
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
  headers: texts.default({}),
  auth: auth.optional(),
  timeout: duration.prefault("30s"),
  connect_timeout: duration.prefault("10s"),
  connections: z.enum(["per_user", "shared", "per_request"]).optional(),
  wait_for_ready: duration.prefault("30s"),
  ready: z.string().optional(),
  redirects: z.int().nonnegative().default(10),
  enabled: z.boolean().default(true),
  embedded: standInSchema.prefault({}),
  endpoints: z.array(endpoint).min(1),
});

export type RawRest = z.output<typeof restSchema>;
export type RawEndpoint = RawRest["endpoints"][number];
export type RawAuth = NonNullable<RawRest["auth"]>;
