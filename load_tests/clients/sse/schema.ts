/** An OpenAI-compatible service as written in the config. */
import { z } from "zod";
import { driver, duration, tags, weight } from "../../core/fields.ts";
import { standInSchema } from "../../core/standin.ts";
import { tlsSchema } from "../tls.ts";

const text = z.union([z.string(), z.number(), z.boolean()]).transform(String);

const message = z.looseObject({
  role: z.string(),
  content: z.union([z.string(), z.array(z.record(z.string(), z.unknown()))]),
});

export const prompt = z.strictObject({
  prompt: z.string().optional(),
  messages: z.array(message).min(1).optional().describe("A conversation, instead of `prompt`; api: chat"),
  max_tokens: z.int().positive().optional(),
  name: z.string().min(1).optional(),
  weight: weight.default(1),
  tags: tags.optional(),
  checks: z.array(z.string()).default([]),
});

export const openAiSchema = z.strictObject({
  host: z.string(),
  weight: weight.default(1),
  model: z.string().min(1),
  api: z.enum(["chat", "completions"]).default("chat"),
  path: z.string().optional().describe("Default /v1/chat/completions or /v1/completions"),
  prompts: z
    .array(z.union([z.string(), prompt]))
    .min(1)
    .optional(),
  system: z.string().optional().describe("A message of the system in front of each prompt; api: chat"),
  max_tokens: z.int().positive().default(128),
  temperature: z.number().nonnegative().optional(),
  stream: z.boolean().default(true),
  usage: z.boolean().default(true).describe("Asks streams for their count of tokens (stream_options)"),
  cache: z.enum(["bust", "warm"]).default("bust").describe("bust: no prompt begins as one before it did"),
  body: z.record(z.string(), z.unknown()).default({}).describe("Further keys of the request; null leaves one out"),
  headers: z.record(z.string(), text).default({}),
  auth: z.strictObject({ bearer: z.string() }).optional(),
  tls: tlsSchema.optional(),
  /** As of rest services. */
  proxy: z.string().optional().describe("Address of an HTTP proxy, or none; the environment's, where absent"),
  driver: driver.optional(),
  timeout: duration.prefault("30s"),
  connect_timeout: duration.prefault("10s"),
  connections: z.enum(["per_user", "shared", "per_request"]).optional(),
  wait_for_ready: duration.prefault("30s"),
  ready: z.string().optional(),
  enabled: z.boolean().default(true),
  embedded: standInSchema.prefault({}),
});

export type RawOpenAi = z.output<typeof openAiSchema>;
export type RawPrompt = z.output<typeof prompt>;
