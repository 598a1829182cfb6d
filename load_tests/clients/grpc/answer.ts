/** A gRPC answer: bytes until somebody asks. */
import type { Answer } from "../../core/plugin.ts";
import type { Pieces } from "./pieces.ts";

/** How messages are read: of a stream, `content` is the field whose pieces its JSON holds joined together. */
export interface Reading {
  readonly decode: (message: Buffer) => unknown;
  readonly stream: boolean;
  readonly content: string | null;
}

/** What came. */
export interface Received {
  readonly plan: Reading;
  readonly received: Pieces;
  /** A header of its head, else of its trailers; the bytes of `-bin` as text. */
  header(name: string): string | undefined;
}

/**
 * The JSON of a single answer is its message. That of a stream is its last message's fields, with all pieces of the
 * content field (`token`, `audio_data`) joined, and `messages`, the list of all; of a stream of many megabytes, of those
 * that are kept. Bytes are Buffers in it, base64 in its text. Messages that cannot be decoded have no JSON.
 */
export class GrpcAnswer implements Answer {
  readonly status: string;
  private readonly from: Received;
  private decoded: unknown;
  private isDecoded = false;

  constructor(status: string, from: Received) {
    this.status = status;
    this.from = from;
  }

  get size(): number {
    return this.from.received.size;
  }

  get kept(): number {
    return this.from.received.kept;
  }

  header(name: string): string | undefined {
    return this.from.header(name);
  }

  text(): string {
    return JSON.stringify(this.json(), base64) ?? "";
  }

  json(): unknown {
    if (!this.isDecoded) this.decoded = decodeAll(this.from);
    this.isDecoded = true;
    return this.decoded;
  }
}

function decodeAll({ received, plan: { decode, stream, content } }: Received): unknown {
  const messages = received.messages();
  try {
    if (!stream) return messages.length === 0 ? undefined : decode(messages[0]!);
    const all = messages.map(decode) as Record<string, unknown>[];
    const joined = content === null || all.length === 0 ? {} : { [content]: join(all.map((each) => each[content])) };
    return { ...all.at(-1), ...joined, messages: all };
  } catch {
    return undefined;
  }
}

const join = (pieces: readonly unknown[]): unknown =>
  Buffer.isBuffer(pieces[0]) ? Buffer.concat(pieces as Buffer[]) : pieces.join("");

/** Buffers arrive here as `{type: "Buffer", data: [...]}`: JSON.stringify asks toJSON first. */
function base64(this: Record<string, unknown>, key: string, value: unknown): unknown {
  const raw = this[key];
  return Buffer.isBuffer(raw) ? raw.toString("base64") : value;
}
