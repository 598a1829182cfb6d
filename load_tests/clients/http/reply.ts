/** An HTTP answer as it comes in; headers and body are decoded only where somebody asks. */
import type { Answer } from "../../core/plugin.ts";
import type { AnswerFields } from "../wire/answer_fields.ts";
import type { AnswerHead } from "../wire/carried.ts";
import { decode } from "./decode.ts";

/** Bytes of a body that are kept for checks; the rest is counted. */
export const KEPT_BYTES = 64 * 1024;
/** Of a body that only goes into a log. */
export const LOGGED_BYTES = 20_000;
/** Bytes of an error's body that are kept for its message. */
const KEPT_OF_ERROR = 1024;

const NOTHING = Buffer.alloc(0);

/** What of an answer somebody may ask for. */
export interface Kept {
  /** Bytes of the body. */
  readonly keep: number;
  readonly keepsHeaders: boolean;
}

export class Reply implements Answer {
  readonly status: string;
  /** Of a failure. */
  readonly statusText: string;
  readonly code: number;
  size = 0;
  /** Bytes of the body that were kept; the rest was counted. */
  kept = 0;
  private readonly fields: AnswerFields | null;
  private chunks: Buffer[] | null = null;
  private readonly limit: number;
  private decoded: string | null = null;
  private parsed: { readonly value: unknown } | null = null;

  constructor(head: AnswerHead, { keep, keepsHeaders }: Kept) {
    const { code } = head;
    this.code = code;
    this.status = String(code);
    // Redirects say where to, errors how their text is coded.
    this.statusText = code < 400 ? "" : head.statusText;
    this.limit = code < 400 ? keep : Math.max(keep, KEPT_OF_ERROR);
    const isDecoded = this.limit > 0 && head.isEncoded;
    this.fields = keepsHeaders || code >= 300 || isDecoded ? head.fields() : null;
  }

  /** Copies what it keeps. */
  add(bytes: Buffer, from: number, to: number): void {
    this.size += to - from;
    const room = this.limit - this.kept;
    if (room <= 0) return;
    const part = Buffer.allocUnsafe(Math.min(to - from, room));
    bytes.copy(part, 0, from, from + part.length);
    this.chunks ??= [];
    this.chunks.push(part);
    this.kept += part.length;
  }

  header(name: string): string | undefined {
    const found = this.fields?.values(name) ?? [];
    return found.length === 0 ? undefined : found.join(", ");
  }

  text(): string {
    this.decoded ??= this.content().toString("utf8");
    return this.decoded;
  }

  utf8(): Uint8Array | null {
    if (this.chunks === null) return NOTHING;
    return this.chunks.length > 1 || this.header("content-encoding") !== undefined ? null : this.chunks[0]!;
  }

  json(): unknown {
    this.parsed ??= { value: parse(this.text()) };
    return this.parsed.value;
  }

  /** The kept bytes, decoded where the server coded them. */
  private content(): Buffer {
    if (this.chunks === null) return NOTHING;
    const bytes = this.chunks.length === 1 ? this.chunks[0]! : Buffer.concat(this.chunks);
    const codings = this.header("content-encoding");
    return codings === undefined ? bytes : (decode(bytes, codings, this.limit) ?? bytes);
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
