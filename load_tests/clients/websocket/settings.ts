/** What `resolve` makes of a WebSocket service's config: plain data, every default written out. */
import type { Ms } from "../../core/model.ts";
import type { TlsSettings } from "../tls.ts";

export interface WebSocketSettings {
  /** A template; `{user_id}` is already `{{user.id}}`. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly subprotocols: readonly string[];
  /** `session`: opened once a user and kept; `message`: opened for each message. */
  readonly connection: "session" | "message";
  /** How often a ping is sent; null for never. */
  readonly ping: Ms | null;
  /** JSONPath of the time of messages that come unasked; null where nobody counts them. */
  readonly pushes: { readonly timestamp: string } | null;
  readonly tls: TlsSettings | null;
}

export type SendSpec =
  | { readonly kind: "json"; readonly value: unknown }
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "bytes"; readonly base64: string };

/** What answers a message: the next one, nothing, the n-th, or the one whose field equals a template's value. */
export type ReplySpec =
  | { readonly kind: "next" }
  | { readonly kind: "none" }
  | { readonly kind: "count"; readonly count: number }
  | { readonly kind: "field"; readonly path: string; readonly value: string | number | boolean };

export interface MessageSettings {
  readonly send: SendSpec;
  readonly reply: ReplySpec;
  /** Null: the service's. */
  readonly timeout: Ms | null;
}
