/** For tests: stand-ins that end with the test, and plain clients to call them. */
import { fileURLToPath } from "node:url";
import { type CallOptions, Client, type ClientOptions, credentials, type ServiceError } from "@grpc/grpc-js";
import type { MethodDefinition } from "@grpc/proto-loader";
import { onTestFinished } from "vitest";
import type { z } from "zod";
import { standInSchema, type TargetSpec } from "../core/standin.ts";
import { servicesOf } from "./proto.ts";
import { startTargets } from "./start.ts";

export type Settings = z.input<typeof standInSchema>;

export const protoPath = (file: string): string =>
  fileURLToPath(new URL(`../../config/protos/${file}`, import.meta.url));

export function specOf(kind: TargetSpec["kind"], settings: Settings = { latency: 0 }): TargetSpec {
  return { name: kind, kind, settings: standInSchema.parse(settings), port: 0, protos: [], includeDirs: [] };
}

/** The address of a stand-in that runs until the test ends. */
export async function started(spec: TargetSpec): Promise<string> {
  const targets = await startTargets([spec]);
  onTestFinished(() => targets.close());
  return targets.addresses[spec.name]!;
}

// biome-ignore lint/suspicious/noExplicitAny: tests read messages of many protos, which have no types here
export type Message = Record<string, any>;

export interface Messages {
  readonly messages: Message[];
  readonly error: ServiceError | null;
}

/** A plain grpc-js client of one service. */
export interface Caller {
  unary(method: string, request: object, options?: CallOptions): Promise<Message>;
  /** Sends all requests, ends, and gathers what comes. */
  stream(method: string, requests: readonly object[], options?: CallOptions): Promise<Messages>;
}

export function caller(address: string, proto: string, service: string, options: ClientOptions = {}): Caller {
  const client = new Client(address, credentials.createInsecure(), { "grpc.use_local_subchannel_pool": 1, ...options });
  onTestFinished(() => client.close());
  const methods = servicesOf([proto]).get(service)!;
  return {
    unary: (name, request, options = {}) => callUnary(client, methods[name]!, request, options),
    stream: (name, requests, options = {}) => callStream(client, methods[name]!, requests, options),
  };
}

type Method = MethodDefinition<object, object>;

const callUnary = (client: Client, method: Method, request: object, options: CallOptions) =>
  new Promise<Message>((resolve, reject) =>
    client.makeUnaryRequest(
      method.path,
      method.requestSerialize,
      method.responseDeserialize,
      request,
      options,
      (error, value) => (error ? reject(error) : resolve(value ?? {})),
    ),
  );

const callStream = (client: Client, method: Method, requests: readonly object[], options: CallOptions) =>
  new Promise<Messages>((resolve) => {
    const { path, requestSerialize, responseDeserialize } = method;
    const call = client.makeBidiStreamRequest(path, requestSerialize, responseDeserialize, options);
    const messages: Message[] = [];
    let error: ServiceError | null = null;
    call.on("data", (message) => messages.push(message));
    call.on("error", (cause: ServiceError) => {
      error = cause;
    });
    call.on("status", () => resolve({ messages, error }));
    for (const request of requests) call.write(request);
    call.end();
  });
