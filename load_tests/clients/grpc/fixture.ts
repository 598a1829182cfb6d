/** For tests only: real gRPC servers that behave as told, on a port of loopback. */
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
import { deferred } from "../loopback.ts";
import { grpc } from "./index.ts";
import { GRPC_FAULTS } from "./misbehaviours.ts";

export const echoProto = fileURLToPath(new URL("./fixtures/echo.proto", import.meta.url));
const OPTIONS = { keepCase: true, longs: String, enums: String, defaults: true, oneofs: true } as const;
const definition = loadSync(echoProto, OPTIONS)["demo.echo.Echo"] as unknown as ServiceDefinition;

// biome-ignore lint/suspicious/noExplicitAny: messages of a proto known at run time only
type Words = any;
type Unary = ServerUnaryCall<Words, Words>;
type Streaming = ServerWritableStream<Words, Words>;

/** Handlers of the echo service; those absent are UNIMPLEMENTED. */
export interface Handlers {
  Say?(call: Unary, done: sendUnaryData<Words>): void;
  Tell?(call: ServerReadableStream<Words, Words>, done: sendUnaryData<Words>): void;
  Hear?(call: Streaming): void;
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

const FAILURES = {
  "client-error": failure(Status.NOT_FOUND, "no such thing"),
  "server-error": failure(Status.INTERNAL, "broken"),
  limited: failure(Status.RESOURCE_EXHAUSTED, "slow down"),
} as const;

/** The contract's stage: a method with one answer, and one with a stream. */
export async function stageOf(behaviour: Behaviour): Promise<Stage> {
  if (behaviour === "garbage") return webPage();
  const called = deferred();
  const letGo = deferred();
  const play = (call: Unary | Streaming, answer: (failure: Partial<StatusObject> | null) => void) => {
    call.on("cancelled", letGo.resolve);
    if (behaviour === "half") call.sendMetadata(new Metadata());
    if (behaviour === "echo") answer(null);
    else if (behaviour !== "half" && behaviour !== "silent") answer(FAILURES[behaviour]);
    setImmediate(called.resolve);
  };
  const running = await serveEcho({
    Say: (call, done) => play(call, (failed) => done(failed, call.request)),
    Hear: (call) =>
      play(call, (failed) => {
        if (failed !== null) return void call.emit("error", failed);
        call.write(call.request);
        call.end();
      }),
  });
  return { port: running.port, called: called.promise, letGo: letGo.promise, close: running.close };
}

/** A server of HTTP/2 that knows nothing of gRPC. */
async function webPage(): Promise<Stage> {
  const { port, close } = await GRPC_FAULTS.garbage!.serve();
  const never = new Promise<void>(() => {});
  return { port, called: never, letGo: never, close };
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
