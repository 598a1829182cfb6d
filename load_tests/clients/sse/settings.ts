/** What `resolve` makes of an OpenAI-compatible service's config: plain data, every default written out. */
import type { TlsSettings } from "../tls.ts";
import type { Connections } from "../wire/lane.ts";
import type { ProxySettings } from "../wire/proxy.ts";

export type Api = "chat" | "completions";

export interface OpenAiSettings {
  readonly api: Api;
  /** Of the request, below the address's own path. */
  readonly path: string;
  /** Templates. */
  readonly headers: Readonly<Record<string, string>>;
  readonly stream: boolean;
  /** Each prompt begins with a mark of its own, so that no cache knows its beginning. */
  readonly bust: boolean;
  /** Null: per_user where users drive, shared where arrivals do. */
  readonly connections: Connections | null;
  /** Path that answers once the service is ready; null asks only for a connection. */
  readonly ready: string | null;
  readonly tls: TlsSettings | null;
  /** Null: the environment's. */
  readonly proxy: ProxySettings | null;
}

export interface PromptSettings {
  /** The request's body as a template; a chat's `messages` or a completion's `prompt` with it. */
  readonly body: Readonly<Record<string, unknown>>;
}
