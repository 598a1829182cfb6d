/** An HTTP answer as it comes in; headers and body are decoded only where somebody asks. */
import type { Answer } from "../../core/plugin.ts";
import { decode } from "./decode.ts";

/** Bytes of a body that are kept for checks; the rest is counted. */
export const KEPT_BYTES = 64 * 1024;
/** Of a body that only goes into a log. */
export const LOGGED_BYTES = 20_000;
/** Bytes of an error's body that are kept for its message. */
const KEPT_OF_ERROR = 1024;

export class Reply implements Answer {
  status = "";
  statusText = "";
  code = 0;
  size = 0;
  /** Bytes of the body that were kept; the rest was counted. */
  kept = 0;
  private headers: readonly Buffer[] = [];
  private chunks: Buffer[] = [];
  private limit: number;
  private decoded: string | null = null;
  private parsed: { readonly value: unknown } | null = null;

  /** `limit`: bytes of the body to keep. */
  constructor(limit: number) {
    this.limit = limit;
  }

  head(code: number, headers: readonly Buffer[], statusText: string): void {
    this.code = code;
    this.status = String(code);
    this.statusText = statusText;
    this.headers = headers;
    if (code >= 400 && this.limit < KEPT_OF_ERROR) this.limit = KEPT_OF_ERROR;
  }

  add(chunk: Buffer): void {
    this.size += chunk.length;
    const room = this.limit - this.kept;
    if (room <= 0) return;
    const part = chunk.length > room ? chunk.subarray(0, room) : chunk;
    this.chunks.push(part);
    this.kept += part.length;
  }

  header(name: string): string | undefined {
    const wanted = name.toLowerCase();
    const found: string[] = [];
    for (let i = 0; i < this.headers.length; i += 2) {
      if (latin1(this.headers[i]!).toLowerCase() === wanted) found.push(latin1(this.headers[i + 1]!));
    }
    return found.length === 0 ? undefined : found.join(", ");
  }

  text(): string {
    this.decoded ??= this.content().toString("utf8");
    return this.decoded;
  }

  json(): unknown {
    this.parsed ??= { value: parse(this.text()) };
    return this.parsed.value;
  }

  /** The kept bytes, decoded where the server coded them. */
  private content(): Buffer {
    const bytes = Buffer.concat(this.chunks);
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

const latin1 = (bytes: Buffer): string => bytes.toString("latin1");
