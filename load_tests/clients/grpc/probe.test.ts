import { createServer as createHttpServer } from "node:http";
import { createServer as createHttp2Server } from "node:http2";
import { createServer, type Server as NetServer, type Socket } from "node:net";
import { Server, ServerCredentials, type ServiceDefinition, status as Status } from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";
import { HealthImplementation } from "grpc-health-check";
import { afterEach, describe, expect, test } from "vitest";
import { deadAddress, resolveService } from "../contract.ts";
import { listening } from "../loopback.ts";
import { echoProto, failure, serveEcho } from "./fixture.ts";
import { grpc } from "./index.ts";
import { speaksGrpc } from "./probe.ts";
import { KNOWN_METHODS } from "./roles.ts";

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function serve(add: (server: Server) => void): Promise<number> {
  const server = new Server();
  add(server);
  closing.push(() => server.forceShutdown());
  return new Promise((done, fail) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) =>
      error ? fail(error) : done(port),
    );
  });
}

const tts = KNOWN_METHODS.find(({ method }) => method.endsWith("/Synthesize"))!;
const ttsService = loadSync(tts.proto, { keepCase: true })["june.tts.TextToSpeech"] as unknown as ServiceDefinition;
// biome-ignore lint/suspicious/noExplicitAny: messages of a proto known at run time only
type Any = any;
const serveTts = (handlers: Any) => serve((server) => server.addService(ttsService, handlers));

async function probeAt(port: number, config: object = { role: "tts" }, time = 3000): Promise<void> {
  const service = await resolveService(grpc, "voice", { host: `127.0.0.1:${port}`, ...config });
  await grpc.probe(service, AbortSignal.timeout(time));
}

describe("a service is there", () => {
  test.each(["SERVING", "NOT_SERVING"] as const)("as the health protocol says: %s", async (state) => {
    const port = await serve((server) => new HealthImplementation({ "": state }).addToServer(server));
    if (state === "SERVING") await probeAt(port);
    else
      await expect(probeAt(port)).rejects.toThrow(
        `voice at 127.0.0.1:${port} is not ready: its health check says NOT_SERVING`,
      );
  });

  test.each<[string, Any, string | null]>([
    ["healthy", (_call: unknown, done: Any) => done(null, { healthy: true }), null],
    [
      "not healthy",
      (_call: unknown, done: Any) => done(null, { healthy: false }),
      "its HealthCheck says healthy: false",
    ],
    ["that it is limited", (_call: unknown, done: Any) => done(failure(Status.UNKNOWN, "Rate limit exceeded")), null],
    [
      "that it is not available",
      (_call: unknown, done: Any) => done(failure(Status.UNAVAILABLE, "loading the model")),
      "loading the model",
    ],
  ])("as its own HealthCheck says: %s", async (_, HealthCheck, why) => {
    const port = await serveTts({ HealthCheck });
    if (why === null) await probeAt(port);
    else await expect(probeAt(port)).rejects.toThrow(why);
  });

  test("where it has no health check of either kind, for it answers", async () => {
    await probeAt(await serveTts({}));
    const echo = await serveEcho({});
    closing.push(echo.close);
    await probeAt(echo.port, { proto: echoProto, calls: [{ method: "demo.echo.Echo/Say" }] });
  });
});

test("a service that takes connections and says nothing is not ready, and the probe ends when it is told to", async () => {
  const sockets: Socket[] = [];
  const server = createServer((socket) => void sockets.push(socket.on("error", () => {})));
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  closing.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const { port } = server.address() as { port: number };
  await expect(probeAt(port, { role: "tts" }, 200)).rejects.toThrow(
    `voice at 127.0.0.1:${port} is not ready: no answer in time`,
  );
});

describe("whether an address speaks gRPC", () => {
  const spoken = async (server: unknown): Promise<boolean> => {
    const listened = await listening(server as NetServer);
    closing.push(listened.close);
    return speaksGrpc(listened.address, AbortSignal.timeout(3000));
  };

  test("a gRPC server does, with or without a health check", async () => {
    const healthy = await serve((server) => new HealthImplementation({ "": "SERVING" }).addToServer(server));
    for (const port of [healthy, await serveTts({})])
      expect(await speaksGrpc(`127.0.0.1:${port}`, AbortSignal.timeout(3000))).toBe(true);
  });

  test("servers of HTTP/1.1 and of HTTP/2 without gRPC do not", async () => {
    expect(await spoken(createHttpServer((_request, response) => response.end("{}")))).toBe(false);
    const page = createHttp2Server((_request, response) => response.writeHead(404).end("no"));
    expect(await spoken(page)).toBe(false);
    expect(await spoken(createHttp2Server((_request, response) => response.end("hello")))).toBe(false);
  });

  test("where nobody listens it cannot be told", async () => {
    await expect(speaksGrpc(await deadAddress(), AbortSignal.timeout(3000))).rejects.toThrow("nobody answers at");
  });
});

test("a probe that is called off before it begins ends", async () => {
  const port = await serve(() => {});
  const service = await resolveService(grpc, "voice", { host: `127.0.0.1:${port}`, role: "tts" });
  await expect(grpc.probe(service, AbortSignal.abort())).rejects.toThrow("is not ready");
}, 5000);
