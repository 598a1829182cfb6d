/** Messages that come unasked: how old they are, by the time that they say. */
import { compileJsonPath } from "../json_path.ts";
import type { Message } from "./message.ts";

/** Milliseconds since 1970 at which a message says that it was sent; undefined where it says none. */
export type SentAt = (message: Message) => number | undefined;

/** Numbers below are seconds, milliseconds, microseconds; what is larger is nanoseconds. */
const SCALES = [
  [1e11, 1000],
  [1e14, 1],
  [1e17, 1e-3],
] as const;
const NANOSECOND = 1e-6;

/** `path` is a JSONPath to a number since 1970 in any of the usual units, or to a text as ISO 8601 has it. */
export function compileSentAt(path: string): SentAt {
  const find = compileJsonPath(path);
  return (message) => {
    const json = message.json();
    return json === undefined ? undefined : timeOf(find(json));
  };
}

export function timeOf(value: unknown): number | undefined {
  const number = typeof value === "string" && /^\d+(\.\d+)?$/.test(value) ? Number(value) : value;
  if (typeof number === "number" && number > 0)
    return number * (SCALES.find(([limit]) => number < limit)?.[1] ?? NANOSECOND);
  const time = typeof value === "string" ? Date.parse(value) : Number.NaN;
  return Number.isNaN(time) ? undefined : time;
}
