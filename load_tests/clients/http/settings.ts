/** What `resolve` makes of a REST service's config: plain data, every default written out. */
import type { Ms } from "../../core/model.ts";
import type { TlsSettings } from "../tls.ts";
import type { Connections } from "../wire/lane.ts";
import type { ProxySettings } from "../wire/proxy.ts";

export type Auth =
  | { readonly kind: "bearer"; readonly token: string }
  | { readonly kind: "basic"; readonly user: string; readonly password: string }
  | Login;

/** A call that gives a user its token. */
export interface Login {
  readonly kind: "login";
  readonly method: Method;
  /** Of the service, or an http(s) URL of elsewhere. */
  readonly path: string;
  readonly query: TextMap;
  readonly headers: TextMap;
  readonly body: BodySpec | null;
  /** Sent as basic credentials. */
  readonly basic: { readonly user: string; readonly password: string } | null;
  /** JSONPath of the token in the answer. */
  readonly token: string;
}

export const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"] as const;
export type Method = (typeof METHODS)[number];
export type TextMap = Readonly<Record<string, string>>;

export type BodySpec =
  | { readonly kind: "json"; readonly value: unknown }
  | { readonly kind: "form"; readonly fields: TextMap }
  | { readonly kind: "multipart"; readonly fields: Readonly<Record<string, Field>> }
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "file"; readonly file: string };

/** A field of a multipart form: text (a template), a file's absolute path, or base64. */
export interface Field {
  readonly content: { readonly text: string } | { readonly file: string } | { readonly base64: string };
  readonly filename: string | null;
  readonly type: string | null;
}

export interface RestSettings {
  readonly headers: TextMap;
  readonly auth: Auth | null;
  /** Null: per_user where users drive, shared where arrivals do. */
  readonly connections: Connections | null;
  readonly tls: TlsSettings | null;
  /** Null: the environment's. */
  readonly proxy: ProxySettings | null;
  /** HTTP/2 where the server agrees to it (ALPN). */
  readonly http2: boolean;
  /** Answers may come compressed. */
  readonly compression: boolean;
  /** How many redirects a call follows. */
  readonly redirects: number;
  /** Path that answers once the service is ready; null asks only for a connection. */
  readonly ready: string | null;
}

export interface RestEndpoint {
  readonly path: string;
  readonly query: TextMap;
  readonly headers: TextMap;
  readonly body: BodySpec | null;
  readonly authorized: boolean;
  /** Null: the service's. */
  readonly timeout: Ms | null;
}
