/** HTTP/1.1 on given connections: reads a request whole, waits as the behaviour says, answers. */
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from "node:http";
import type { Ms } from "../core/model.ts";
import type { Behaviour, Fate } from "./behaviour.ts";
import { misbehave } from "./http_faults.ts";
import type { Service } from "./listener.ts";

export interface HttpRequest {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly query: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface HttpAnswer {
  readonly status: number;
  /** Sent as JSON unless it is a text. */
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** An answer that writes itself, status and all. */
export interface HttpStream {
  readonly write: (response: ServerResponse) => void;
}

/** `latency` has passed already when it is asked. */
export type Respond = (
  request: HttpRequest,
  fate: Exclude<Fate, "hang">,
  latency: Ms,
) => HttpAnswer | HttpStream | Promise<HttpAnswer>;

export interface HttpService extends Service {
  readonly server: Server;
}

const LARGEST_BODY = 64 * 1024 * 1024;

export function httpService(behaviour: Behaviour, respond: Respond): HttpService {
  const server = createServer({ keepAliveTimeout: 0 }, (message, response) =>
    readBody(message, (body) => {
      if (body === null) return send(response, { status: 413, body: { detail: "Request body too large" } });
      const request = requestOf(message, body);
      behaviour.play(async (fate, latency) => {
        const fault = behaviour.fault();
        if (fault !== null) return misbehave(fault, response);
        const answer = await respond(request, fate, latency);
        if ("write" in answer) answer.write(response);
        else send(response, answer);
      });
    }),
  );
  return { server, accept: (socket) => server.emit("connection", socket) };
}

function requestOf(message: IncomingMessage, body: Buffer): HttpRequest {
  const url = message.url ?? "/";
  const mark = url.indexOf("?");
  return {
    method: message.method ?? "GET",
    path: mark < 0 ? url : url.slice(0, mark),
    query: mark < 0 ? "" : url.slice(mark + 1),
    headers: message.headers,
    body,
  };
}

/** Gives null, once, for a body that is too large. */
function readBody(message: IncomingMessage, done: (body: Buffer | null) => void): void {
  const parts: Buffer[] = [];
  let size = 0;
  message.on("data", (part: Buffer) => {
    size += part.length;
    if (size <= LARGEST_BODY) parts.push(part);
    else parts.length = 0;
  });
  message.on("end", () => done(size > LARGEST_BODY ? null : Buffer.concat(parts)));
}

function send(response: ServerResponse, answer: HttpAnswer): void {
  const text = typeof answer.body === "string";
  const body = text ? (answer.body as string) : JSON.stringify(answer.body);
  response.writeHead(answer.status, {
    "content-type": text ? "text/plain; charset=utf-8" : "application/json",
    "content-length": Buffer.byteLength(body),
    ...answer.headers,
  });
  response.end(body);
}
