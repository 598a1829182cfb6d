/** What a gRPC service offers, outlined for a config: its methods, each with a message that it takes. */

import { type FieldType, loadProtos, lookUp, type MessageType, type Protos } from "./protos.ts";
import { reflected } from "./reflection.ts";
import { resolveService } from "./resolve.ts";
import { grpcSchema } from "./schema.ts";

export interface MethodOutline {
  /** `package.Service/Method`. */
  readonly method: string;
  readonly message: Readonly<Record<string, unknown>>;
  /** Takes one message and has a name of those that only read. */
  readonly reads: boolean;
}

const READS = /^(Get|List|Find|Search|Read|Describe|Query|Look|Check|Count|Fetch|Show)/;
const OWN = /^grpc\.reflection\./;
const MOST_DEPTH = 4;

const NUMBERS = /^TYPE_(U?INT|S?FIXED|SINT|FLOAT|DOUBLE)/;

function sampleOf(field: FieldType, at: Place): unknown {
  const { type, typeName, label } = field;
  if (label === "LABEL_REPEATED") return undefined;
  if (type === "TYPE_STRING") return "{{random.word}}";
  if (type === "TYPE_BOOL") return true;
  if (NUMBERS.test(type)) return "{{random.int 1 100}}";
  if (type === "TYPE_ENUM") return lookUp(at.protos.enums, typeName, at.scope)?.[1].value[0]?.name;
  if (type !== "TYPE_MESSAGE" || label !== "LABEL_REQUIRED" || at.depth >= MOST_DEPTH) return undefined;
  const found = lookUp(at.protos.messages, typeName, at.scope);
  return found === null || isWellKnown(found[0])
    ? undefined
    : messageOf(found[1], { ...at, scope: found[0], depth: at.depth + 1 });
}

interface Place {
  readonly protos: Protos;
  /** Full name of the message. */
  readonly scope: string;
  readonly depth: number;
}

/** Plain fields of the message, and one of each oneof. Where it cannot be told which are of a oneof, it stays empty. */
function messageOf(type: MessageType, at: Place): Record<string, unknown> {
  const members = membersOf(type, at);
  if (members === null) return {};
  const chosen = new Map<string, [name: string, value: unknown]>();
  for (const field of type.field) {
    const oneof = members.get(field.name);
    const value = sampleOf(oneof === undefined ? field : { ...field, label: "LABEL_REQUIRED" }, at);
    const key = oneof === undefined ? `field ${field.name}` : `oneof ${oneof}`;
    if (value !== undefined && !chosen.has(key)) chosen.set(key, [field.name, value]);
  }
  return Object.fromEntries(chosen.values());
}

/** Those of `optional` fields begin with an underscore. */
const oneofsOf = (type: MessageType): string[] =>
  ((type as { oneofDecl?: readonly { name: string }[] }).oneofDecl ?? [])
    .map(({ name }) => name)
    .filter((name) => !name.startsWith("_"));

/**
 * Fields that belong to a oneof, by name. Descriptors as they are loaded do not say it, but a message that is read back
 * names the field that each oneof has. Null where there are oneofs and the message cannot be written by itself.
 */
function membersOf(type: MessageType, { protos, scope }: Place): Map<string, string> | null {
  const oneofs = oneofsOf(type);
  const codec = protos.codecs.get(scope);
  if (oneofs.length === 0) return new Map();
  if (codec === undefined) return null;
  const members = new Map<string, string>();
  for (const { name } of type.field) {
    const back = codec.deserialize(codec.serialize({ [name]: placeholderOf(type, name) })) as Record<string, unknown>;
    const oneof = oneofs.find((each) => back[each] === name);
    if (oneof !== undefined) members.set(name, oneof);
  }
  return members;
}

/** The least that a field can hold and be there. */
function placeholderOf({ field }: MessageType, name: string): unknown {
  const { type, label } = field.find((each) => each.name === name)!;
  if (label === "LABEL_REPEATED") return [];
  if (type === "TYPE_STRING") return "";
  if (type === "TYPE_BYTES") return new Uint8Array();
  if (type === "TYPE_BOOL") return false;
  return type === "TYPE_MESSAGE" ? {} : 0;
}

/** Wrappers, timestamps and the like have forms of their own: they are left out. */
const isWellKnown = (name: string): boolean => name.startsWith("google.protobuf.");

function outline(protos: Protos): MethodOutline[] {
  return [...protos.methods.entries()]
    .filter(([name]) => !OWN.test(name))
    .map(([method, { requestType, requestStream }]) => {
      const type = requestType.type as MessageType;
      const service = method.slice(0, method.indexOf("/"));
      const scope =
        [service, "google.protobuf"].flatMap((at) => lookUp(protos.messages, type.name, at)?.[0] ?? [])[0] ?? type.name;
      const message = isWellKnown(scope) ? {} : messageOf(type, { protos, scope, depth: 0 });
      return { method, message, reads: !requestStream && READS.test(method.slice(method.lastIndexOf("/") + 1)) };
    });
}

/** Of a proto file by its absolute path. Throws where it cannot be read. */
export const outlineOfProto = async (file: string): Promise<MethodOutline[]> => outline(await loadProtos([file], []));

/** Of a service that is asked by reflection. Rejects with a sentence where it cannot be. */
export async function outlineOfServer(host: string, signal: AbortSignal): Promise<MethodOutline[]> {
  const wrong: string[] = [];
  const at = {
    issue: (_: unknown, message: string) => void wrong.push(message),
    file: () => null,
    checks: () => [],
    templates: () => {},
  };
  const raw = grpcSchema.parse({ host, reflection: true, calls: [{ method: "any/Any" }] });
  const service = await resolveService("api", raw, at);
  if (wrong.length > 0) throw new Error(wrong[0]);
  return outline(await reflected(service, signal));
}
