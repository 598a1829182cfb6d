/** Checks a message as written in the config against its type, before anything is sent. */
import { closest } from "fastest-levenshtein";
import type { Resolver } from "../../core/plugin.ts";
import { hasTemplate } from "../../core/template.ts";
import { type FieldType, isMapEntry, lookUp, type MessageType, type Protos } from "./protos.ts";
import { scalarProblem, shown } from "./scalars.ts";
import { WELL_KNOWN } from "./well_known.ts";

type Path = readonly (string | number)[];
type Fields = Readonly<Record<string, unknown>>;

/** A slice of a file, in the place of bytes: `from` and `to` are bytes from its start. */
export interface FileBytes {
  readonly file: string;
  readonly from?: number;
  readonly to?: number;
}

export const isFileBytes = (value: unknown): value is FileBytes =>
  isFields(value) &&
  typeof value.file === "string" &&
  Object.entries(value).every(([key, item]) => key === "file" || ((key === "from" || key === "to") && isOffset(item)));

const isFields = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value) && !ArrayBuffer.isView(value);
const isOffset = (value: unknown): boolean => Number.isInteger(value) && (value as number) >= 0;

/** A message type by its full name. */
export interface NamedType {
  readonly name: string;
  readonly type: MessageType;
}

export interface MessageChecker {
  /** The message with the names of files made absolute; mistakes are reported at paths below `path`. */
  check(message: unknown, type: NamedType, path: Path): unknown;
}

export function messageChecker(protos: Protos, at: Resolver): MessageChecker {
  const problem = (path: Path, expected: string, value: unknown) => {
    at.issue(path, `expected ${expected}, found ${shown(value)}`);
    return value;
  };

  function check(message: unknown, { name, type }: NamedType, path: Path): unknown {
    const known = WELL_KNOWN[name];
    if (known?.fits(message)) return message;
    if (name === BYTES_VALUE && isFileBytes(message)) return checkFile(message, path);
    if (!isFields(message)) return problem(path, known?.expected ?? `a message ${name}: its fields by name`, message);
    if (name === "google.protobuf.Any" && "@type" in message) return checkAny(message, path);
    return checkFields(message, { name, type }, path);
  }

  /** Fields by their names in the proto or, as JSON has them, in lower camel case. */
  function checkFields(message: Fields, { name, type }: NamedType, path: Path): Fields {
    const byName = new Map(type.field.flatMap((field) => [[camelCase(field.name), field] as const]));
    for (const field of type.field) byName.set(field.name, field);
    return Object.fromEntries(
      Object.entries(message).map(([key, value]) => {
        const field = byName.get(key);
        if (field !== undefined) return [field.name, checkField(value, field, { name, path: [...path, key] })];
        const names = type.field.map((each) => each.name);
        if (!hasTemplate(key)) at.issue([...path, key], unknownField(key, name, names));
        return [key, value];
      }),
    );
  }

  function checkAny(message: Fields, path: Path): unknown {
    const { "@type": url, ...fields } = message;
    if (isTemplate(url)) return message;
    const name = String(url).slice(String(url).lastIndexOf("/") + 1);
    const type = protos.messages.get(name);
    if (type === undefined || !String(url).includes("/"))
      return problem([...path, "@type"], "type.googleapis.com/ and the full name of a message of the protos", url);
    if (!(name in WELL_KNOWN)) return { "@type": url, ...checkFields(fields, { name, type }, path) };
    return { "@type": url, value: check(fields.value, { name, type }, [...path, "value"]) };
  }

  function checkFile(value: FileBytes, path: Path): FileBytes {
    const file = at.file([...path, "file"], value.file);
    return file === null ? value : { ...value, file };
  }

  /** `name` is the message that has the field. */
  function checkField(value: unknown, field: FieldType, { name, path }: { name: string; path: Path }): unknown {
    if (isTemplate(value) || (value === null && !field.typeName.endsWith("protobuf.Value"))) return value;
    if (field.label !== "LABEL_REPEATED") return checkOne(value, field, { name, path });
    const mapEntry = mapEntryOf(field, name);
    if (mapEntry !== null) {
      if (!isFields(value)) return problem(path, `a map: values by key, for ${field.name}`, value);
      return mapEntries(value, (key, item) =>
        checkOne(item, mapEntry.value, { name: mapEntry.name, path: [...path, key] }),
      );
    }
    if (!Array.isArray(value)) return problem(path, `a list, for ${field.name} is repeated`, value);
    return value.map((item, index) => checkOne(item, field, { name, path: [...path, index] }));
  }

  function mapEntryOf(field: FieldType, scope: string): { name: string; value: FieldType } | null {
    const found = field.type === "TYPE_MESSAGE" ? lookUp(protos.messages, field.typeName, scope) : null;
    if (found === null || !isMapEntry(found[1])) return null;
    return { name: found[0], value: found[1].field.find((each) => each.name === "value")! };
  }

  function checkOne(value: unknown, field: FieldType, { name, path }: { name: string; path: Path }): unknown {
    if (isTemplate(value)) return value;
    if (field.type === "TYPE_MESSAGE" || field.type === "TYPE_GROUP") {
      const found = lookUp(protos.messages, field.typeName, name);
      return found === null ? value : check(value, { name: found[0], type: found[1] }, path);
    }
    if (field.type === "TYPE_BYTES" && isFileBytes(value)) return checkFile(value, path);
    const names = field.type === "TYPE_ENUM" ? (lookUp(protos.enums, field.typeName, name)?.[1].value ?? []) : [];
    const expected = scalarProblem(value, field.type, names);
    return expected === null ? value : problem(path, `${expected}, for ${field.name}`, value);
  }

  return { check };
}

/** The full name of a method's message type. The definition gives the short one alone. */
export function typeOf(protos: Protos, type: object, scope: string): NamedType | null {
  const { name } = type as MessageType;
  const whole = JSON.stringify(type);
  const near = lookUp(protos.messages, name, scope);
  const found = near !== null && JSON.stringify(near[1]) === whole ? near : null;
  const [full, of] =
    found ?? [...protos.messages].find(([, each]) => each.name === name && JSON.stringify(each) === whole) ?? [];
  return full === undefined || of === undefined ? null : { name: full, type: of };
}

const BYTES_VALUE = "google.protobuf.BytesValue";
const camelCase = (name: string): string => name.replace(/_+([a-zA-Z0-9])/g, (_, next: string) => next.toUpperCase());
const isTemplate = (value: unknown): boolean => typeof value === "string" && hasTemplate(value);

const mapEntries = (fields: Fields, change: (key: string, value: unknown) => unknown): Fields =>
  Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, change(key, value)]));

function unknownField(key: string, message: string, names: readonly string[]): string {
  if (names.length === 0) return `${message} has no fields, found ${key}`;
  return `${message} has no field ${key}; the nearest is ${closest(key, [...names])}, and it has ${names.join(", ")}`;
}
