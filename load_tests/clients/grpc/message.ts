/** Checks a message as written in the config against its type, before anything is sent. */
import { closest } from "fastest-levenshtein";
import type { Resolver } from "../../core/plugin.ts";
import { hasTemplate } from "../../core/template.ts";
import { type FieldType, lookUp, type MessageType, type Protos } from "./protos.ts";
import { scalarProblem, shown } from "./scalars.ts";

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
    if (!isFields(message)) return problem(path, `a message ${name}: its fields by name`, message);
    if (name === "google.protobuf.Any" && "@type" in message) return message;
    const byName = new Map(type.field.map((field) => [field.name, field]));
    return mapEntries(message, (key, value) => {
      const field = byName.get(key);
      if (field !== undefined)
        return hasTemplate(key) ? value : checkField(value, field, { name, path: [...path, key] });
      if (!hasTemplate(key)) at.issue([...path, key], unknownField(key, name, [...byName.keys()]));
      return value;
    });
  }

  /** `name` is the message that has the field. */
  function checkField(value: unknown, field: FieldType, { name, path }: { name: string; path: Path }): unknown {
    if (value === null || isTemplate(value)) return value;
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
    if (found?.[1].options?.mapEntry !== true) return null;
    return { name: found[0], value: found[1].field.find((each) => each.name === "value")! };
  }

  function checkOne(value: unknown, field: FieldType, { name, path }: { name: string; path: Path }): unknown {
    if (isTemplate(value)) return value;
    if (field.type === "TYPE_MESSAGE" || field.type === "TYPE_GROUP") {
      const found = lookUp(protos.messages, field.typeName, name);
      return found === null ? value : check(value, { name: found[0], type: found[1] }, path);
    }
    if (field.type === "TYPE_BYTES" && isFileBytes(value)) {
      const file = at.file([...path, "file"], value.file);
      return file === null ? value : { ...value, file };
    }
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

const isTemplate = (value: unknown): boolean => typeof value === "string" && hasTemplate(value);

const mapEntries = (fields: Fields, change: (key: string, value: unknown) => unknown): Fields =>
  Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, change(key, value)]));

function unknownField(key: string, message: string, names: readonly string[]): string {
  if (names.length === 0) return `${message} has no fields, found ${key}`;
  return `${message} has no field ${key}; the nearest is ${closest(key, [...names])}, and it has ${names.join(", ")}`;
}
