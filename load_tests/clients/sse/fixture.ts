/** For tests only: model services on loopback, well-behaved and not. */
import { createServer, type Socket } from "node:net";
import type { Behaviour, Stage } from "../contract.ts";
import { deferred, listening, type TestServer } from "../loopback.ts";

export interface Asked {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into bodies of many shapes
  readonly body: any;
}

/** A server that answers each request, once it is whole, with raw bytes. */
export const modelServer = (
  respond: (socket: Socket, asked: Asked) => void,
  onClose: () => void = () => {},
): Promise<TestServer> =>
  listening(
    createServer((socket) => {
      let seen = Buffer.alloc(0);
      socket.setNoDelay(true).on("close", onClose);
      socket.on("data", (chunk: Buffer) => {
        seen = Buffer.concat([seen, chunk]);
        const asked = askedIn(seen);
        if (asked === null) return;
        seen = Buffer.alloc(0);
        respond(socket, asked);
      });
    }),
  );

function askedIn(seen: Buffer): Asked | null {
  const end = seen.indexOf("\r\n\r\n");
  if (end < 0) return null;
  const [first = "", ...lines] = seen.toString("latin1", 0, end).split("\r\n");
  const headers = Object.fromEntries(lines.map((line) => line.toLowerCase().split(": ", 2)));
  const body = seen.subarray(end + 4);
  if (body.length < Number(headers["content-length"])) return null;
  return { path: first.split(" ")[1]!, headers, body: JSON.parse(body.toString() || "null") };
}

export const STREAM_HEAD =
  "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\ntransfer-encoding: chunked\r\n\r\n";

/** One HTTP chunk. */
export const chunked = (text: string): string => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;
export const END = "0\r\n\r\n";

export const event = (value: unknown): string =>
  `data: ${typeof value === "string" ? value : JSON.stringify(value)}\n\n`;
/** An event of a chat with a piece of text. */
export const delta = (content: string, finish: string | null = null): string =>
  event({ choices: [{ index: 0, delta: { content }, finish_reason: finish }] });
export const usage = (tokens: number): string =>
  event({ choices: [], usage: { completion_tokens: tokens, prompt_tokens: 5, total_tokens: tokens + 5 } });
export const DONE = event("[DONE]");

/** A stream of these texts, each a chunk of its own, and its end. */
export const streamOf = (...texts: string[]): string => STREAM_HEAD + texts.map(chunked).join("") + END;

/** An answer whose length is known. */
export const whole = (status: string, type: string, body: string): string =>
  `HTTP/1.1 ${status}\r\ncontent-type: ${type}\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;

export const json = (status: string, value: unknown): string =>
  whole(status, "application/json", JSON.stringify(value));

const STATUS_OF = { "client-error": "404 Not Found", "server-error": "503 Unavailable", limited: "429 Slow" } as const;

/** The contract's server: the prompt comes back as the answer. */
export async function serveModel(behaviour: Behaviour): Promise<Stage> {
  const called = deferred();
  const letGo = deferred();
  const server = await modelServer((socket, { body }) => {
    if (behaviour === "echo") socket.write(streamOf(delta(""), delta(body.messages[0].content, "stop"), DONE));
    else if (behaviour === "half") socket.write(STREAM_HEAD + chunked(delta("half")));
    else if (behaviour === "garbage") socket.write("220 smtp.example.com ESMTP\r\n");
    else if (behaviour !== "silent") socket.write(json(STATUS_OF[behaviour], { error: { message: "told so" } }));
    called.resolve();
  }, letGo.resolve);
  return { port: server.port, called: called.promise, letGo: letGo.promise, close: server.close };
}
