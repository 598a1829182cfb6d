/** Turns an OpenAI-compatible service as written into the Service that runs, and reports what cannot be right. */
import type { Endpoint, Service } from "../../core/model.ts";
import type { Resolver } from "../../core/plugin.ts";
import { type Address, EXPECTED_ADDRESS, parseAddress, withoutLogin } from "../address.ts";
import { checkHeaders, checkPath } from "../rules.ts";
import { commonOf, tagged } from "../service.ts";
import { resolveTls } from "../tls.ts";
import { resolveDriver } from "../wire/driver.ts";
import { resolveProxy } from "../wire/proxy.ts";
import type { RawOpenAi, RawPrompt } from "./schema.ts";
import type { Api, OpenAiSettings, PromptSettings } from "./settings.ts";

const PATHS: Readonly<Record<Api, string>> = { chat: "/chat/completions", completions: "/completions" };

/** Asked where the config names no prompts: a short one, a usual one, and one with a longer answer. */
const PROMPTS = [
  "What is the capital of France?",
  "Explain in two sentences what a load test is good for.",
  "Tell a short story about a lighthouse keeper who counts the ships that pass.",
];

export function resolveOpenAi(name: string, raw: RawOpenAi, at: Resolver): Service {
  const embedded = raw.host === "embedded";
  const address = embedded ? null : (parseAddress(raw.host) ?? null);
  if (!embedded && address === null) at.issue(["host"], `${EXPECTED_ADDRESS}, found "${withoutLogin(raw.host)}"`);
  if (raw.path !== undefined) checkPath(["path"], raw.path, at);
  if (raw.ready?.startsWith("/") === false)
    at.issue(["ready"], `expected a path that begins with "/", found "${raw.ready}"`);
  const settings: OpenAiSettings = {
    api: raw.api,
    path: raw.path ?? `${address?.path.endsWith("/v1") ? "" : "/v1"}${PATHS[raw.api]}`,
    headers: resolveHeaders(raw, address, at),
    stream: raw.stream,
    bust: raw.cache === "bust",
    connections: raw.connections ?? null,
    ready: raw.ready ?? null,
    tls: resolveTls(raw.tls, address?.secure ?? true, at),
    proxy: resolveProxy(raw.proxy, at),
  };
  return {
    ...commonOf(name, raw),
    protocol: "openai",
    driver: resolveDriver(raw.driver, false, at),
    endpoints: (raw.prompts ?? PROMPTS).map((each, i) => resolvePrompt(each, i, { name, raw, at })),
    settings,
  };
}

/** The headers of the config and the credentials, which may also stand in the address. */
function resolveHeaders(raw: RawOpenAi, address: Address | null, at: Resolver): Record<string, string> {
  checkHeaders(["headers"], raw.headers, at);
  at.templates(["auth"], raw.auth ?? {});
  const login = address?.login;
  if (login && raw.auth !== undefined)
    at.issue(["host"], "expected no user in the address beside `auth:`: keep one of them");
  const own = Object.fromEntries(Object.entries(raw.headers).map(([name, value]) => [name.toLowerCase(), value]));
  const basic = login ? { authorization: `Basic ${btoa(`${login.user}:${login.password}`)}` } : {};
  return { ...own, ...basic, ...(raw.auth === undefined ? {} : { authorization: `Bearer ${raw.auth.bearer}` }) };
}

interface Place {
  readonly name: string;
  readonly raw: RawOpenAi;
  readonly at: Resolver;
}

/** Prompts of one service are one endpoint, `<service>.<api>`, unless they have names. */
function resolvePrompt(written: string | RawPrompt, index: number, { name, raw, at }: Place): Endpoint {
  const here = ["prompts", index];
  const each: RawPrompt = typeof written === "string" ? { prompt: written, weight: 1, checks: [] } : written;
  const settings: PromptSettings = { body: bodyOf(each, raw, (message) => at.issue(here, message)) };
  if (raw.prompts !== undefined) at.templates(here, written);
  if (index === 0) at.templates(["body"], raw.body);
  return {
    name: each.name ?? `${name}.${raw.api}`,
    method: "POST",
    weight: each.weight,
    ...tagged(each),
    checks: at.checks([...here, "checks"], each.checks),
    settings,
  };
}

type Prompt = Omit<RawPrompt, "weight" | "checks" | "tags">;

function bodyOf(each: Prompt, raw: RawOpenAi, issue: (message: string) => void): Record<string, unknown> {
  const body = {
    model: raw.model,
    ...contentOf(each, raw, issue),
    max_tokens: each.max_tokens ?? raw.max_tokens,
    ...(raw.temperature === undefined ? {} : { temperature: raw.temperature }),
    stream: raw.stream,
    ...(raw.stream && raw.usage ? { stream_options: { include_usage: true } } : {}),
    ...raw.body,
  };
  return Object.fromEntries(Object.entries(body).filter(([, value]) => value !== null));
}

function contentOf({ prompt, messages }: Prompt, raw: RawOpenAi, issue: (message: string) => void): object {
  if ((prompt === undefined) === (messages === undefined))
    issue(`expected one of prompt and messages, found ${prompt === undefined ? "none" : "both"}`);
  if (raw.api === "chat") {
    const system = raw.system === undefined ? [] : [{ role: "system", content: raw.system }];
    return { messages: [...system, ...(messages ?? [{ role: "user", content: prompt ?? "" }])] };
  }
  if (messages !== undefined) issue("expected `prompt` with api: completions, found messages: those are of api: chat");
  if (raw.system !== undefined) issue("expected no `system` with api: completions: write it into the prompt");
  return { prompt: prompt ?? "" };
}
