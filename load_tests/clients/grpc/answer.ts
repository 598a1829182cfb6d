/** A gRPC answer: bytes until somebody asks. */
import type { Answer } from "../../core/plugin.ts";
import type { Pieces } from "./pieces.ts";

type Decode = (message: Buffer) => unknown;

/** What came, and how to read it. `content` is the field whose pieces a stream's JSON holds joined together. */
export interface Received {
  readonly status: string;
  readonly pieces: Pieces;
  /** Of its head, else of its trailers; the bytes of `-bin` as text. */
  readonly header: (name: string) => string | undefined;
  readonly decode: Decode;
  readonly stream: boolean;
  readonly content: string | null;
}

/**
 * The JSON of a single answer is its message. That of a stream is its last message's fields, with all pieces of the
 * content field (`token`, `audio_data`) joined, and `messages`, the list of all; of a stream of many megabytes, of those
 * that are kept. Bytes are Buffers in it, base64 in its text. Messages that cannot be decoded have no JSON.
 */
export function answerOf(received: Received): Answer {
  let json: unknown;
  let read = false;
  const decoded = () => {
    if (!read) json = decodeAll(received);
    read = true;
    return json;
  };
  return {
    status: received.status,
    size: received.pieces.size,
    kept: received.pieces.kept,
    header: received.header,
    text: () => JSON.stringify(decoded(), base64) ?? "",
    json: decoded,
  };
}

function decodeAll({ pieces, decode, stream, content }: Received): unknown {
  const messages = pieces.messages();
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
