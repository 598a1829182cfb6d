/** Which values of the config fit which scalar types of protobuf. */
import type { EnumType } from "./protos.ts";

const RANGES: Readonly<Record<string, readonly [bigint, bigint]>> = {
  TYPE_INT32: [-(2n ** 31n), 2n ** 31n - 1n],
  TYPE_SINT32: [-(2n ** 31n), 2n ** 31n - 1n],
  TYPE_SFIXED32: [-(2n ** 31n), 2n ** 31n - 1n],
  TYPE_UINT32: [0n, 2n ** 32n - 1n],
  TYPE_FIXED32: [0n, 2n ** 32n - 1n],
  TYPE_INT64: [-(2n ** 63n), 2n ** 63n - 1n],
  TYPE_SINT64: [-(2n ** 63n), 2n ** 63n - 1n],
  TYPE_SFIXED64: [-(2n ** 63n), 2n ** 63n - 1n],
  TYPE_UINT64: [0n, 2n ** 64n - 1n],
  TYPE_FIXED64: [0n, 2n ** 64n - 1n],
};

/** What was expected where the value does not fit, else null. `values` are those of an enum. */
export function scalarProblem(value: unknown, type: string, values: EnumType["value"]): string | null {
  const range = RANGES[type];
  if (range !== undefined) return integerProblem(value, range);
  switch (type) {
    case "TYPE_STRING":
      return typeof value === "string" ? null : "text (in quotes)";
    case "TYPE_BOOL":
      return typeof value === "boolean" ? null : "true or false";
    case "TYPE_FLOAT":
    case "TYPE_DOUBLE":
      return typeof value === "number" || ["NaN", "Infinity", "-Infinity"].includes(value as string)
        ? null
        : "a number";
    case "TYPE_BYTES":
      return isBase64(value) ? null : "bytes: base64 text, or {file: path}";
    case "TYPE_ENUM":
      return values.length === 0 || values.some(({ name, number }) => value === name || value === number)
        ? null
        : `one of ${values.map(({ name }) => name).join(", ")}`;
    default:
      return null;
  }
}

function integerProblem(value: unknown, [min, max]: readonly [bigint, bigint]): string | null {
  const whole =
    typeof value === "bigint" || Number.isInteger(value) || (typeof value === "string" && /^-?\d{1,20}$/.test(value));
  const fits = whole && BigInt(value as string | number) >= min && BigInt(value as string | number) <= max;
  return fits ? null : `a whole number from ${min} to ${max}`;
}

const isBase64 = (value: unknown): boolean =>
  typeof value === "string" && value.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(value);

/** A value as messages show it: short. */
export function shown(value: unknown): string {
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object" && value !== null) return `{${Object.keys(value).slice(0, 3).join(", ")}}`;
  const text = typeof value === "bigint" ? String(value) : (JSON.stringify(value) ?? "nothing");
  return text.length > 40 ? `${text.slice(0, 39)}…` : text;
}
