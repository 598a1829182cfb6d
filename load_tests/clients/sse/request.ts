/** Requests to a model, compiled once a prompt. */
import { createHash } from "node:crypto";
import { compileJson, compileText, hasTemplate, type Values } from "../../core/template.ts";
import { type HttpRequest, RequestHeaders } from "../wire/request.ts";
import type { OpenAiSettings, PromptSettings } from "./settings.ts";

export type BuildRequest = (values: Values) => HttpRequest;

/** `base` is the address's own path. */
export function compileRequest(base: string, settings: OpenAiSettings, { body }: PromptSettings): BuildRequest {
  const path = compileText(settings.path);
  const fill = compileJson(body);
  const accept = settings.stream ? "text/event-stream" : "application/json";
  const entries = { "user-agent": "tenfold", "content-type": "application/json", accept, ...settings.headers };
  const headers = Object.entries(entries).map(([name, text]) => [name, compileText(text)] as const);
  return (values) => {
    const filled = fill(values) as Record<string, unknown>;
    return {
      method: "POST",
      path: base + path(values),
      headers: new RequestHeaders(headers.flatMap(([name, text]) => [name, text(values)])),
      body: JSON.stringify(settings.bust ? marked(filled, markOf(values)) : filled),
    };
  };
}

/** Sixteen digits that no other call of any run has: prompts stay as long as they were, and no cache knows them. */
const markOf = ({ run, user, iteration }: Values): string =>
  `[${createHash("sha256").update(`${run.id} ${user.id} ${iteration}`).digest("hex").slice(0, 16)}] `;

/** The body with the mark in front of all that the model reads: a cache of prefixes helps as far as two are alike. */
function marked(body: Record<string, unknown>, mark: string): Record<string, unknown> {
  if (typeof body.prompt === "string") return { ...body, prompt: mark + body.prompt };
  const [first, ...rest] = body.messages as { content: unknown }[];
  if (first === undefined) return body;
  const { content } = first;
  const parts = Array.isArray(content) ? [{ type: "text", text: mark }, ...content] : mark + String(content);
  return { ...body, messages: [{ ...first, content: parts }, ...rest] };
}

/** Credentials among the headers: what comes after `Bearer` or `Basic`, and the values of keys. */
export const secretsOf = ({ headers }: OpenAiSettings): string[] =>
  Object.entries(headers).flatMap(([name, value]) =>
    /^(authorization|api-key|x-api-key)$/.test(name) && !hasTemplate(value)
      ? [value.replace(/^(basic|bearer) +/i, "")]
      : [],
  );
