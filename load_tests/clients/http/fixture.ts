/** For tests only: HTTP servers on loopback, well-behaved and not. */
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from "node:http";
import type { Behaviour, Stage } from "../contract.ts";
import { deferred, listening, type TestServer } from "../loopback.ts";
import { rawServer } from "../raw_http.ts";

export { rawServer };

export const httpServer = (handler: RequestListener): Promise<TestServer> => listening(createServer(handler));

export async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

export const sendJson = (response: ServerResponse, status: number, value: unknown): void => {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(value));
};

const STATUS_OF = { "client-error": 404, "server-error": 503, limited: 429 } as const;

/** The contract's server: `/users/<id>` comes back as `{user: <id>}`. */
export async function serveHttp(behaviour: Behaviour): Promise<Stage> {
  const called = deferred();
  const letGo = deferred();
  const server = await rawServer((socket, request) => {
    const body = JSON.stringify({ user: /\/users\/(\S+)/.exec(request)?.[1] });
    const answer = (status: string, text = body) =>
      socket.write(`HTTP/1.1 ${status}\r\ncontent-length: ${text.length}\r\n\r\n${text}`);
    if (behaviour === "echo") answer("200 OK");
    else if (behaviour === "half") socket.write(`HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n${body}`);
    else if (behaviour === "garbage") socket.write("220 smtp.example.com ESMTP\r\n");
    else if (behaviour !== "silent") answer(`${STATUS_OF[behaviour]} Told So`, "why");
    called.resolve();
  }, letGo.resolve);
  return { port: server.port, called: called.promise, letGo: letGo.promise, close: server.close };
}
