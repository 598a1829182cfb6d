/** Proto files, loaded: the methods they define and the types of their messages. */
import {
  type AnyDefinition,
  load,
  loadFileDescriptorSetFromBuffer,
  type MethodDefinition,
  type PackageDefinition,
} from "@grpc/proto-loader";

/** As protoc describes it; only what is read here. */
export interface FieldType {
  readonly name: string;
  readonly number: number;
  readonly label: string;
  readonly type: string;
  readonly typeName: string;
}
export interface MessageType {
  readonly name: string;
  readonly field: readonly FieldType[];
  readonly nestedType: readonly MessageType[];
  readonly enumType: readonly EnumType[];
  readonly options: { readonly mapEntry?: boolean } | null;
}
export interface EnumType {
  readonly name: string;
  readonly value: readonly { readonly name: string; readonly number: number }[];
}

export type Method = MethodDefinition<object, object>;

export interface Protos {
  /** By `package.Service/Method`. */
  readonly methods: ReadonlyMap<string, Method>;
  /** By full name. */
  readonly messages: ReadonlyMap<string, MessageType>;
  readonly enums: ReadonlyMap<string, EnumType>;
  /** Messages to bytes and back, by full name; those that stand inside another message are not here. */
  readonly codecs: ReadonlyMap<string, Codec>;
  /** Whether the service itself said so, not files. Its codecs then take and give maps as lists of entries. */
  readonly reflected: boolean;
}

export interface Codec {
  serialize(message: object): Buffer;
  deserialize(bytes: Buffer): object;
}

const OPTIONS = { keepCase: true, longs: String, enums: String, defaults: true, oneofs: true } as const;

/** Loads files by absolute path. Imports are sought in `includeDirs`, or beside the file that imports. Throws where one cannot be read. */
export async function loadProtos(files: readonly string[], includeDirs: readonly string[]): Promise<Protos> {
  const options = includeDirs.length > 0 ? { ...OPTIONS, includeDirs: [...includeDirs] } : OPTIONS;
  return protosOf(await Promise.all(files.map((file) => load(file, options))), false);
}

/** Of a FileDescriptorSet in base64. Throws where it is none. */
export const readDescriptors = (set: string): Protos =>
  protosOf([loadFileDescriptorSetFromBuffer(Buffer.from(set, "base64"), OPTIONS)], true);

function protosOf(packages: readonly PackageDefinition[], reflected: boolean): Protos {
  const methods = new Map<string, Method>();
  const messages = new Map<string, MessageType>();
  const enums = new Map<string, EnumType>();
  const codecs = new Map<string, Codec>();
  const addEnum = (name: string, type: EnumType) => enums.set(name, type);
  const addMessage = (name: string, type: MessageType) => {
    messages.set(name, type);
    for (const each of type.nestedType) addMessage(`${name}.${each.name}`, each);
    for (const each of type.enumType) addEnum(`${name}.${each.name}`, each);
  };
  const add = (name: string, definition: AnyDefinition) => {
    const { format, type } = definition as { format?: unknown; type?: unknown };
    if (format === "Protocol Buffer 3 DescriptorProto") {
      addMessage(name, type as MessageType);
      codecs.set(name, definition as unknown as Codec);
    } else if (format === "Protocol Buffer 3 EnumDescriptorProto") addEnum(name, type as EnumType);
    else
      for (const method of Object.values(definition as Record<string, Method>))
        methods.set(method.path.slice(1), method);
  };
  for (const each of packages) for (const [name, definition] of Object.entries(each)) add(name, definition);
  return { methods, messages, enums, codecs, reflected };
}

/**
 * Whether a type is the entry of a map. The option alone does not say it: protobufjs also sets it on the message that
 * holds the map, where that came from descriptors.
 */
export const isMapEntry = ({ options, field }: MessageType): boolean =>
  options?.mapEntry === true && field.length === 2 && field[0]!.name === "key" && field[1]!.name === "value";

/** Finds what a type's name means within `scope`, innermost first, as protoc does. */
export function lookUp<T>(types: ReadonlyMap<string, T>, name: string, scope: string): [string, T] | null {
  for (let around = scope; ; around = around.slice(0, Math.max(0, around.lastIndexOf(".")))) {
    const full = around === "" ? name.replace(/^\./, "") : `${around}.${name}`;
    const found = types.get(full);
    if (found !== undefined) return [full, found];
    if (around === "") return null;
  }
}
