/** For tests only: certificates of one test file, and what each of its tests opens, closed last first. */
import type { RequestListener } from "node:http";
import { createServer } from "node:https";
import type { TlsOptions } from "node:tls";
import { afterAll, afterEach, beforeAll, expect } from "vitest";
import { type Certificates, makeCertificates } from "../certificates.ts";
import { lateWords } from "../contract_driver.ts";
import { listening, type TestServer } from "../loopback.ts";

export interface HttpsStage {
  /** Made before the first test. */
  readonly certificates: Certificates;
  later(close: () => Promise<unknown>): void;
  https(options: TlsOptions, handler: RequestListener): Promise<TestServer>;
}

/** Hooks into the test file that calls it; its clients may say nothing late. */
export function httpsStage(): HttpsStage {
  const closing: (() => Promise<unknown>)[] = [];
  let made: Certificates;
  beforeAll(() => {
    made = makeCertificates();
  });
  afterAll(() => made.remove());
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close();
    expect(lateWords.splice(0)).toEqual([]);
  });
  return {
    get certificates() {
      return made;
    },
    later: (close) => void closing.push(close),
    https: async (options, handler) => {
      const server = await listening(createServer(options, handler));
      closing.push(server.close);
      return server;
    },
  };
}

/** Tells what the server saw of the handshake. */
export const tellsHandshake: RequestListener = (request, response) => {
  const { authorized, servername } = request.socket as unknown as { authorized: boolean; servername: unknown };
  response.end(JSON.stringify({ authorized, servername }));
};
