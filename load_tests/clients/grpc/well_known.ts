/** Google's well-known types in the form that JSON has for them (protobuf's "ProtoJSON format"). */
import { scalarProblem } from "./scalars.ts";

// biome-ignore lint/suspicious/noExplicitAny: messages of protos known at run time only
type Message = any;

/** How a type stands in JSON. */
export interface WellKnown {
  /** What fits, for messages. */
  readonly expected: string;
  /** Whether a value is written in the JSON form; other values are fields by name. */
  fits(value: unknown): boolean;
  /** The message of a value that fits. Throws an Error with a sentence where a template filled in one that does not. */
  toMessage(value: unknown): Message;
  toJson(message: Message): unknown;
}

const STAMP = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)$/i;
const SPAN = /^(-?)(\d{1,12})(?:\.(\d{1,9}))?s$/;

const nanosOf = (digits: string | undefined): number => Number((digits ?? "").padEnd(9, "0"));
/** With 3, 6 or 9 digits, or none. */
const fraction = (nanos: number): string =>
  nanos === 0
    ? ""
    : `.${String(nanos)
        .padStart(9, "0")
        .replace(/(?:000){1,2}$/, "")}`;

const millisecondsOf = (value: unknown): number =>
  typeof value === "number" ? value : Date.parse(String(value).replace(/\.\d+/, ""));
const isStamp = (value: unknown): boolean =>
  typeof value === "number"
    ? Number.isFinite(value)
    : typeof value === "string" && STAMP.test(value) && !Number.isNaN(millisecondsOf(value));

const timestamp: WellKnown = {
  expected: 'a time such as "2026-01-31T12:00:00Z" (RFC 3339), or milliseconds since 1970',
  fits: isStamp,
  toMessage(value) {
    const at = millisecondsOf(value);
    const seconds = Math.floor(at / 1000);
    const nanos =
      typeof value === "number" ? Math.round((at - seconds * 1000) * 1e6) : nanosOf(STAMP.exec(String(value))?.[2]);
    return { seconds, nanos };
  },
  toJson: ({ seconds, nanos }) =>
    new Date(Number(seconds) * 1000).toISOString().replace(/\.000Z$/, `${fraction(nanos)}Z`),
};

const span: WellKnown = {
  expected: 'a duration in seconds such as "1.5s"',
  fits: (value) => typeof value === "string" && SPAN.test(value),
  toMessage(value) {
    const [, minus, seconds, digits] = SPAN.exec(String(value))!;
    const sign = minus === "-" ? -1 : 1;
    return { seconds: sign * Number(seconds), nanos: sign * nanosOf(digits) };
  },
  toJson: ({ seconds, nanos }) =>
    `${Number(seconds) < 0 || nanos < 0 ? "-" : ""}${Math.abs(Number(seconds))}${fraction(Math.abs(nanos))}s`,
};

const fieldMask: WellKnown = {
  expected: 'names of fields such as "name,owner.id"',
  fits: (value) => typeof value === "string",
  toMessage: (value) => ({ paths: String(value).split(",").filter(Boolean) }),
  toJson: ({ paths }) => paths.join(","),
};

function toValue(value: unknown): Message {
  if (value === null || value === undefined) return { nullValue: 0, null_value: 0 };
  if (typeof value === "number") return { numberValue: value, number_value: value };
  if (typeof value === "string") return { stringValue: value, string_value: value };
  if (typeof value === "boolean") return { boolValue: value, bool_value: value };
  if (Array.isArray(value)) return { listValue: toList(value), list_value: toList(value) };
  return { structValue: toStruct(value), struct_value: toStruct(value) };
}
const toList = (value: unknown): Message => ({ values: (value as unknown[]).map(toValue) });
const toStruct = (value: unknown): Message => ({
  fields: Object.fromEntries(Object.entries(value as object).map(([key, item]) => [key, toValue(item)])),
});

function fromValue(message: Message): unknown {
  const kind: string = message.kind ?? "nullValue";
  const value = message[kind];
  if (/^null/.test(kind)) return null;
  if (/^struct/.test(kind)) return fromStruct(value);
  return /^list/.test(kind) ? fromList(value) : value;
}
const fromList = (message: Message): unknown => (message.values ?? []).map(fromValue);
const fromStruct = (message: Message): unknown =>
  Object.fromEntries(Object.entries(message.fields ?? {}).map(([key, item]) => [key, fromValue(item)]));

const isMap = (value: unknown): boolean =>
  typeof value === "object" && value !== null && !Array.isArray(value) && !ArrayBuffer.isView(value);

function wrapper(type: string, expected: string): WellKnown {
  return {
    expected,
    fits: (value) => scalarProblem(value, type, []) === null,
    toMessage: (value) => ({ value }),
    toJson: ({ value }) => value,
  };
}

/** By full name. `Any` is not here: its form depends on what it holds. */
export const WELL_KNOWN: Readonly<Record<string, WellKnown>> = {
  "google.protobuf.Timestamp": timestamp,
  "google.protobuf.Duration": span,
  "google.protobuf.FieldMask": fieldMask,
  "google.protobuf.Struct": { expected: "a map", fits: isMap, toMessage: toStruct, toJson: fromStruct },
  "google.protobuf.Value": { expected: "any value", fits: () => true, toMessage: toValue, toJson: fromValue },
  "google.protobuf.ListValue": { expected: "a list", fits: Array.isArray, toMessage: toList, toJson: fromList },
  "google.protobuf.StringValue": wrapper("TYPE_STRING", "text (in quotes)"),
  "google.protobuf.BytesValue": wrapper("TYPE_BYTES", "bytes: base64 text, or {file: path}"),
  "google.protobuf.BoolValue": wrapper("TYPE_BOOL", "true or false"),
  "google.protobuf.Int32Value": wrapper("TYPE_INT32", "a whole number"),
  "google.protobuf.UInt32Value": wrapper("TYPE_UINT32", "a whole number from 0"),
  "google.protobuf.Int64Value": wrapper("TYPE_INT64", "a whole number"),
  "google.protobuf.UInt64Value": wrapper("TYPE_UINT64", "a whole number from 0"),
  "google.protobuf.FloatValue": wrapper("TYPE_FLOAT", "a number"),
  "google.protobuf.DoubleValue": wrapper("TYPE_DOUBLE", "a number"),
};
