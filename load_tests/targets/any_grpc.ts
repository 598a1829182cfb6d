/** Any gRPC service of given .proto files: answers hold the request's fields of the same name and type. */
import type { ServiceDefinition, UntypedServiceImplementation } from "@grpc/grpc-js";
import type { ServiceDefinition as Loaded, MethodDefinition } from "@grpc/proto-loader";
import type { Behaviour } from "./behaviour.ts";
import { bidi, clientStream, grpcService, type Method, serverStream, unary } from "./grpc_service.ts";
import type { Service } from "./listener.ts";
import { servicesOf } from "./proto.ts";

const STREAM_LENGTH = 3;
/** Each stand-in has it of its own. */
const HEALTH = "grpc.health.v1.Health";

type Message = Readonly<Record<string, unknown>>;
type Definition = MethodDefinition<object, object>;

/** The part of a field's descriptor that says whether two fields hold the same thing. */
interface Field {
  readonly name: string;
  readonly type: string;
  readonly typeName: string;
  readonly label: string;
}

const fieldsOf = (type: object): readonly Field[] => (type as { field?: readonly Field[] }).field ?? [];
const sameField = (a: Field, b: Field): boolean =>
  a.name === b.name && a.type === b.type && a.typeName === b.typeName && a.label === b.label;

function copying(method: Definition): (request: Message | undefined) => Message {
  const asked = fieldsOf(method.requestType.type);
  const shared = fieldsOf(method.responseType.type)
    .filter((field) => asked.some((other) => sameField(field, other)))
    .map(({ name }) => name);
  return (request = {}) =>
    Object.fromEntries(shared.filter((name) => request[name] !== undefined).map((name) => [name, request[name]]));
}

function handlerOf(behaviour: Behaviour, method: Definition) {
  const answer = copying(method);
  const once: Method<Message | undefined, Message> = { answer, soft: () => ({}) };
  const thrice: Method<Message, Message[]> = {
    answer: (request) => Array.from({ length: STREAM_LENGTH }, () => answer(request)),
    soft: () => [{}],
  };
  const echo = () => ({ take: (request: Message) => [answer(request)], finish: () => [] });
  if (method.requestStream && method.responseStream) return bidi(behaviour, echo, () => [{}]);
  if (method.requestStream) return clientStream(behaviour, once);
  return method.responseStream ? serverStream(behaviour, thrice) : unary(behaviour, once);
}

const methodsOf = (behaviour: Behaviour, definition: Loaded): UntypedServiceImplementation =>
  Object.fromEntries(Object.entries(definition).map(([name, method]) => [name, handlerOf(behaviour, method) as never]));

/** Streams of answers have three messages; streams both ways are echoed. Throws where a proto cannot be read. */
export function anyGrpc(behaviour: Behaviour, protos: readonly string[], includeDirs: readonly string[]): Service {
  const services = [...servicesOf(protos, includeDirs)].filter(([name]) => name !== HEALTH);
  return grpcService(
    services.map(([name, definition]) => ({
      name,
      definition: definition as unknown as ServiceDefinition,
      methods: methodsOf(behaviour, definition),
    })),
    behaviour,
  );
}
