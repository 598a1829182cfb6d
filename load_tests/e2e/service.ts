/** A plain HTTP service whose behaviour a test states, and which keeps its own count. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface Service {
  readonly url: string;
  /** Requests by `METHOD /path`, and milliseconds from the request to the end of its answer, in order. */
  readonly counts: Map<string, number>;
  readonly times: number[];
  close(): Promise<void>;
}

/** Serves on a free port of loopback; `answer` ends each response. */
export async function serve(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<Service> {
  const counts = new Map<string, number>();
  const times: number[] = [];
  const server = createServer((request, response) => {
    const key = `${request.method} ${request.url?.split("?")[0]}`;
    const started = performance.now();
    counts.set(key, (counts.get(key) ?? 0) + 1);
    response.on("finish", () => times.push(performance.now() - started));
    answer(request, response);
  });
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    counts,
    times,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

export const ok = (_request: IncomingMessage, response: ServerResponse): void => {
  response.writeHead(200, { "content-type": "application/json" }).end('{"ok":true}');
};
