/** gRPC methods that behave as their stand-in's settings say. */
import type { Socket } from "node:net";
import {
  type handleBidiStreamingCall,
  type handleClientStreamingCall,
  type handleServerStreamingCall,
  type handleUnaryCall,
  Server,
  ServerCredentials,
  type ServiceDefinition,
  status,
  type UntypedServiceImplementation,
} from "@grpc/grpc-js";
import { HealthImplementation } from "grpc-health-check";
import type { Ms } from "../core/model.ts";
import type { Behaviour, Fate } from "./behaviour.ts";
import { spoiling } from "./grpc_faults.ts";
import type { Service } from "./listener.ts";
import { PacedStream } from "./paced.ts";

/** A method with one request. `answer` and `soft` give the message, or the messages of a stream. */
export interface Method<Q, A> {
  answer(request: Q, latency: Ms): A;
  /** An answer that says OK and holds a failure. */
  soft(request: Q): A;
  /** Why the request is an INVALID_ARGUMENT; null if it is not. */
  refuse?(request: Q): string | null;
}

/** A method with a stream of requests: what to send at each, and when the last has come. */
export interface Talk<Q, A> {
  take(request: Q): readonly A[];
  finish(): readonly A[];
}

interface Fault {
  readonly code: status;
  readonly details: string;
}

const FAULTS: Partial<Record<Fate, Fault>> = {
  error: { code: status.INTERNAL, details: "Internal error of the stand-in, as its error_rate says" },
  limited: { code: status.RESOURCE_EXHAUSTED, details: "Rate limit exceeded" },
};

function faultOf<Q>(fate: Fate, method: Pick<Method<Q, unknown>, "refuse">, request: Q): Fault | null {
  const refusal = method.refuse?.(request) ?? null;
  if (refusal !== null) return { code: status.INVALID_ARGUMENT, details: refusal };
  return FAULTS[fate] ?? null;
}

export function unary<Q, A>(behaviour: Behaviour, method: Method<Q, A>): handleUnaryCall<Q, A> {
  return (call, callback) =>
    behaviour.play((fate, latency) => {
      const fault = faultOf(fate, method, call.request);
      if (fault !== null) callback(fault);
      else callback(null, fate === "soft-error" ? method.soft(call.request) : method.answer(call.request, latency));
    });
}

export function serverStream<Q, A>(
  behaviour: Behaviour,
  method: Method<Q, readonly A[]>,
): handleServerStreamingCall<Q, A> {
  return (call) => {
    const { fate, latency } = behaviour.begin();
    if (fate === "hang") return;
    const fault = faultOf(fate, method, call.request);
    if (fault !== null) return behaviour.after(latency, () => call.emit("error", fault));
    const stream = new PacedStream<A>(call, behaviour, latency);
    stream.push(fate === "soft-error" ? method.soft(call.request) : method.answer(call.request, latency));
    stream.end();
  };
}

/** Answers once, when the last request has come; `soft` and `answer` get that one. */
export function clientStream<Q, A>(
  behaviour: Behaviour,
  method: Method<Q | undefined, A>,
): handleClientStreamingCall<Q, A> {
  return (call, callback) => {
    let last: Q | undefined;
    call.on("data", (request: Q) => {
      last = request;
    });
    call.on("end", () =>
      behaviour.play((fate, latency) => {
        const fault = FAULTS[fate] ?? null;
        if (fault !== null) callback(fault);
        else callback(null, fate === "soft-error" ? method.soft(last) : method.answer(last, latency));
      }),
    );
  };
}

export function bidi<Q, A>(
  behaviour: Behaviour,
  talk: () => Talk<Q, A>,
  soft: () => readonly A[],
): handleBidiStreamingCall<Q, A> {
  return (call) => {
    const { fate, latency } = behaviour.begin();
    const fault = FAULTS[fate];
    if (fault !== undefined) behaviour.after(latency, () => call.emit("error", fault));
    if (fault !== undefined || fate === "hang") return void call.resume();
    const stream = new PacedStream<A>(call, behaviour, latency);
    const { take, finish } = fate === "soft-error" ? { take: () => [], finish: soft } : talk();
    call.on("data", (request: Q) => stream.push(take(request)));
    call.on("end", () => {
      stream.push(finish());
      stream.end();
    });
  };
}

/** A gRPC service by its full name. */
export interface GrpcService {
  readonly name: string;
  readonly definition: ServiceDefinition;
  readonly methods: UntypedServiceImplementation;
}

/** Plays services on plain-text HTTP/2, with the gRPC health protocol saying SERVING for each. */
export function grpcService(services: readonly GrpcService[], behaviour: Behaviour): Service {
  const open = new Map<number | undefined, Socket>();
  const server = new Server({
    "grpc.enable_channelz": 0,
    interceptors: [spoiling(behaviour, (port) => open.get(port))],
  });
  for (const { definition, methods } of services) server.addService(definition, methods);
  const health = new HealthImplementation({ "": "SERVING" });
  for (const { name } of services) health.setStatus(name, "SERVING");
  health.addToServer(server);
  const injector = server.createConnectionInjector(ServerCredentials.createInsecure());
  const accept = (socket: Socket) => {
    const { remotePort } = socket;
    open.set(remotePort, socket);
    socket.once("close", () => open.delete(remotePort));
    injector.injectConnection(socket);
  };
  return { accept, close: () => server.forceShutdown() };
}
