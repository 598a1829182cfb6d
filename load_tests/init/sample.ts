/** A valid value of a JSON schema, as OpenAPI 2 and 3 write them: required fields only, drawn anew for each call where that is possible. */
import { literal, literalDeep } from "./draft.ts";
import { textLike } from "./pattern.ts";

export type Schema = Readonly<Record<string, unknown>>;

/** Looks a `$ref` up within the document; undefined where it leads nowhere. */
export type LookUp = (ref: string) => unknown;

const MOST_DEPTH = 12;

export const isMap = (value: unknown): value is Schema =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** What stands behind `$ref`s, one after the other. */
export function followed(node: unknown, lookUp: LookUp): Schema {
  let at = node;
  for (let steps = 0; isMap(at) && typeof at.$ref === "string" && steps < MOST_DEPTH; steps++) at = lookUp(at.$ref);
  return isMap(at) ? at : {};
}

/** Templates for texts of a format. */
const FORMATS: Readonly<Record<string, string>> = {
  uuid: "{{random.uuid}}",
  date: "{{date}}",
  "date-time": '{{date "iso"}}',
  email: "{{random.email}}",
  uri: "https://example.com/{{random.hex}}",
  url: "https://example.com/{{random.hex}}",
  hostname: "{{random.word}}.example.com",
  ipv4: "192.0.2.{{random.int 1 254}}",
  ipv6: "2001:db8::{{random.hex 4}}",
  byte: '{{random.base64 "16"}}',
  binary: '{{random.base64 "16"}}',
  password: "${PASSWORD:-change-me}",
};

function text(schema: Schema): string {
  const format = FORMATS[String(schema.format)];
  const least = typeof schema.minLength === "number" ? schema.minLength : 0;
  const most = typeof schema.maxLength === "number" ? schema.maxLength : Number.POSITIVE_INFINITY;
  const like = typeof schema.pattern === "string" ? textLike(schema.pattern, least, most) : null;
  if (like !== null) return literal(like);
  if (format !== undefined) return format;
  if (least <= 3 && most >= 12) return "{{random.word}}";
  return `{{random.string ${Math.min(most, Math.max(least, 1))}}}`;
}

/** Whole numbers are drawn from the range, others from it at two digits: both ends may be excluded. */
function number(schema: Schema): string | number {
  const bound = (key: string, exclusive: string, step: number): number | undefined => {
    const [plain, open] = [schema[key], schema[exclusive]];
    if (typeof open === "number") return open + step;
    return typeof plain === "number" ? (open === true ? plain + step : plain) : undefined;
  };
  const min = bound("minimum", "exclusiveMinimum", 1);
  const max = bound("maximum", "exclusiveMaximum", -1);
  const low = Math.ceil(min ?? Math.min(1, max ?? 1));
  const high = Math.floor(max ?? Math.max(100, low));
  const multiple = typeof schema.multipleOf === "number" ? schema.multipleOf : 1;
  if (high < low) return min ?? 0;
  if (multiple !== 1) return Math.ceil(low / multiple) * multiple;
  return Number.isSafeInteger(low) && Number.isSafeInteger(high) ? `{{random.int ${low} ${high}}}` : low;
}

const typeOf = (schema: Schema): string => {
  const type = Array.isArray(schema.type) ? schema.type.find((each) => each !== "null") : schema.type;
  if (typeof type === "string") return type;
  if (isMap(schema.properties) || isMap(schema.additionalProperties)) return "object";
  return schema.items === undefined ? "string" : "array";
};

function given(schema: Schema): unknown {
  if (schema.const !== undefined) return schema.const;
  if (schema.example !== undefined) return schema.example;
  if (Array.isArray(schema.examples) && schema.examples.length > 0) return schema.examples[0];
  if (schema.default !== undefined && schema.default !== null) return schema.default;
  return Array.isArray(schema.enum) ? schema.enum.find((each) => each !== null) : undefined;
}

/** The parts of `allOf` as one. */
function merged(schema: Schema, lookUp: LookUp): Schema {
  if (!Array.isArray(schema.allOf)) return schema;
  const { allOf, ...own } = schema;
  const parts = [...(allOf as unknown[]).map((part) => merged(followed(part, lookUp), lookUp)), own];
  const properties = Object.assign({}, ...parts.map((part) => part.properties ?? {}));
  const required = parts.flatMap((part) => (Array.isArray(part.required) ? part.required : []));
  return { ...Object.assign({}, ...parts), properties, required: [...new Set(required)] };
}

/** A value of the schema; strings are templates, and a lone one keeps its type. */
export function sample(node: unknown, lookUp: LookUp, depth = 0): unknown {
  const schema = merged(followed(node, lookUp), lookUp);
  const known = given(schema);
  if (known !== undefined) return literalDeep(known);
  const choice = [schema.oneOf, schema.anyOf].find((each) => Array.isArray(each) && each.length > 0) as unknown[];
  if (choice !== undefined && depth < MOST_DEPTH) {
    const { oneOf: _, anyOf: __, ...own } = schema;
    const wanted = choice.find((each) => typeOf(followed(each, lookUp)) !== "null") ?? choice[0];
    return sample({ allOf: [own, wanted] }, lookUp, depth + 1);
  }
  switch (typeOf(schema)) {
    case "object":
      return objectOf(schema, lookUp, depth);
    case "array": {
      const least = Math.min(10, Math.max(1, Number(schema.minItems ?? 1)));
      return depth >= MOST_DEPTH ? [] : Array.from({ length: least }, () => sample(schema.items, lookUp, depth + 1));
    }
    case "integer":
    case "number":
      return number(schema);
    case "boolean":
      return true;
    case "null":
      return null;
    default:
      return text(schema);
  }
}

function objectOf({ properties, required }: Schema, lookUp: LookUp, depth: number): object {
  if (depth >= MOST_DEPTH || !isMap(properties) || !Array.isArray(required)) return {};
  const names = (required as unknown[]).map(String).filter((name) => Object.hasOwn(properties, name));
  return Object.fromEntries(names.map((name) => [literal(name), sample(properties[name], lookUp, depth + 1)]));
}
