/** For tests only: real gRPC servers that behave as told, on a port of loopback. */
import { createServer as createHttp2Server, type Http2Server } from "node:http2";
import { fileURLToPath } from "node:url";
import {
  Metadata,
  Server,
  ServerCredentials,
  type ServerDuplexStream,
  type ServerReadableStream,
  type ServerUnaryCall,
  type ServerWritableStream,
  type ServiceDefinition,
  status as Status,
  type StatusObject,
  type sendUnaryData,
} from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";
import type { Client } from "../../core/plugin.ts";
import { type Behaviour, openClient, type Stage } from "../contract.ts";
import { grpc } from "./index.ts";

export const echoProto = fileURLToPath(new URL("./fixtures/echo.proto", import.meta.url));
const OPTIONS = { keepCase: true, longs: String, enums: String, defaults: true, oneofs: true } as const;
const definition = loadSync(echoProto, OPTIONS)["demo.echo.Echo"] as unknown as ServiceDefinition;

// biome-ignore lint/suspicious/noExplicitAny: messages of a proto known at run time only
type Words = any;
type Unary = ServerUnaryCall<Words, Words>;

/** Handlers of the echo service; those absent are UNIMPLEMENTED. */
export interface Handlers {
  Say?(call: Unary, done: sendUnaryData<Words>): void;
  Tell?(call: ServerReadableStream<Words, Words>, done: sendUnaryData<Words>): void;
  Hear?(call: ServerWritableStream<Words, Words>): void;
  Talk?(call: ServerDuplexStream<Words, Words>): void;
}

export interface Running {
  readonly port: number;
  readonly server: Server;
  close(): Promise<void>;
}

export async function serveEcho(
  handlers: Handlers,
  port = 0,
  credentials = ServerCredentials.createInsecure(),
): Promise<Running> {
  const server = new Server({ "grpc.max_receive_message_length": -1, "grpc.max_send_message_length": -1 });
  server.addService(definition, handlers as never);
  const bound = await new Promise<number>((done, fail) => {
    server.bindAsync(`127.0.0.1:${port}`, credentials, (error, at) => (error ? fail(error) : done(at)));
  });
  return { port: bound, server, close: async () => server.forceShutdown() };
}

export function signal(): { promise: Promise<void>; fire: () => void } {
  let fire = () => {};
  const promise = new Promise<void>((done) => {
    fire = done;
  });
  return { promise, fire };
}

export const failure = (code: Status, details: string): Partial<StatusObject> => ({
  code,
  details,
  metadata: new Metadata(),
});

const SAYS: Record<
  Exclude<Behaviour, "garbage">,
  (call: Unary, done: sendUnaryData<Words>, reached: () => void) => void
> = {
  echo: (call, done) => done(null, call.request),
  silent: (_call, _done, reached) => reached(),
  half: (call, _done, reached) => {
    call.sendMetadata(new Metadata());
    setImmediate(reached);
  },
  "client-error": (_call, done) => done(failure(Status.NOT_FOUND, "no such thing")),
  "server-error": (_call, done) => done(failure(Status.INTERNAL, "broken")),
  limited: (_call, done) => done(failure(Status.RESOURCE_EXHAUSTED, "slow down")),
};

/** The contract's stage: one unary method. */
export async function stageOf(behaviour: Behaviour): Promise<Stage> {
  if (behaviour === "garbage") return webPage();
  const called = signal();
  const letGo = signal();
  const running = await serveEcho({
    Say(call, done) {
      call.on("cancelled", letGo.fire);
      SAYS[behaviour](call, done, called.fire);
    },
  });
  return { port: running.port, called: called.promise, letGo: letGo.promise, close: running.close };
}

/** An HTTP/2 server that knows nothing of gRPC. */
async function webPage(): Promise<Stage> {
  const server: Http2Server = createHttp2Server();
  server.on("stream", (stream) => {
    stream.respond({ ":status": 200, "content-type": "text/html" });
    stream.end("<html><body>Welcome</body></html>");
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address() as { port: number };
  const never = new Promise<void>(() => {});
  return { port, called: never, letGo: never, close: async () => void server.close() };
}

/** Servers and clients of one test file, closed last first. */
export function openings() {
  const closing: (() => unknown)[] = [];
  const clientAt = async (port: number, config: object): Promise<Client> => {
    const client = await openClient(grpc, { host: `127.0.0.1:${port}`, proto: echoProto, ...config });
    closing.push(() => client.close());
    return client;
  };
  return {
    clientAt,
    clientOf: async (handlers: Handlers, config: object): Promise<Client> => {
      const running = await serveEcho(handlers);
      closing.push(running.close);
      return clientAt(running.port, config);
    },
    later: (close: () => unknown) => void closing.push(close),
    closeAll: async () => {
      for (const close of closing.splice(0).reverse()) await close();
    },
  };
}
