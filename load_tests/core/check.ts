/** Checks on answers: sentences such as `status == 200`, parsed once, compiled once, applied to each answer. */
import { type Check, patternOf } from "./check_sentence.ts";
import { compileJsonPath } from "./json_path.ts";
import type { Ms } from "./model.ts";
import type { Answer } from "./plugin.ts";

export { type Check, parseCheck } from "./check_sentence.ts";

/** Whether a check says which statuses are right; else an HTTP status of 400 or more is a failure. */
export const speaksOfStatus = (checks: readonly Check[]): boolean => checks.some(({ subject }) => subject === "status");

/** Whether the body's text must be kept for them. */
export const checksNeedBody = (checks: readonly Check[]): boolean =>
  checks.some(({ subject }) => subject === "body" || subject === "json");

/**
 * Gives the first check that the answer fails, or null. A comparison with a JSONPath holds where the path finds
 * something and all that it finds compares; nothing holds, not even `not exists`, on a body that is no JSON.
 */
export function compileChecks(checks: readonly Check[]): (answer: Answer, elapsed: Ms) => Check | null {
  const compiled = checks.map((check) => ({ check, holds: compileCheck(check) }));
  return (answer, elapsed) => {
    for (const { check, holds } of compiled) if (!holds(answer, elapsed)) return check;
    return null;
  };
}

/** What a failed check says, and whether it saw but the beginning of the body. */
export function failedCheck({ sentence, subject }: Check, { size, kept = size }: Answer): string {
  const cut = kept < size && (subject === "body" || subject === "json");
  return `check failed: ${sentence}${cut ? ` (of the body's ${size} bytes only the first ${kept} are kept for checks)` : ""}`;
}

type Holds = (answer: Answer, elapsed: Ms) => boolean;

function compileCheck(check: Check): Holds {
  const test = compileTest(check);
  switch (check.subject) {
    case "status":
      return (answer) => test(numeric(answer.status));
    case "body":
      return (answer) => test(answer.text());
    case "header":
      return headerCheck(check, test);
    case "json":
      return jsonCheck(check, test);
    case "size":
      return (answer) => test(answer.size);
    case "time":
      return (_, elapsed) => test(elapsed);
  }
}

const isDigit = (code: number): boolean => code >= 0x30 && code <= 0x39;

/** HTTP names its statuses by numbers, other protocols by words. */
const numeric = (status: string): number | string => (isDigit(status.charCodeAt(0)) ? Number(status) : status);

type Test = (found: unknown) => boolean;

function headerCheck({ path, operator }: Check, test: Test): Holds {
  return (answer) => {
    const found = answer.header(path!);
    return operator === "not exists" ? found === undefined : found !== undefined && test(found);
  };
}

function jsonCheck({ path, operator }: Check, test: Test): Holds {
  const find = compileJsonPath(path!);
  return (answer) => {
    const body = answer.json();
    if (body === undefined) return false;
    const found = find(body);
    return operator === "not exists" ? found.length === 0 : found.length > 0 && found.every(test);
  };
}

function isEmpty(value: unknown): boolean {
  if (value === null || value === "") return true;
  if (Array.isArray(value)) return value.length === 0;
  if (ArrayBuffer.isView(value)) return value.byteLength === 0;
  return typeof value === "object" && Object.keys(value).length === 0;
}

function contains(found: unknown, wanted: string): boolean {
  if (Array.isArray(found)) return found.some((item) => String(item) === wanted);
  return (typeof found === "string" || typeof found === "number") && String(found).includes(wanted);
}

/** Numbers with numbers and texts with texts; anything else is in no order. */
function order(found: unknown, wanted: Check["value"]): number {
  if (typeof found === "number" && typeof wanted === "number") return found - wanted;
  if (typeof found === "string" && typeof wanted === "string") return found < wanted ? -1 : found > wanted ? 1 : 0;
  return Number.NaN;
}

function matching(pattern: string): Test {
  const regex = patternOf(pattern)!;
  return (found) => (typeof found === "string" || typeof found === "number") && regex.test(String(found));
}

const COMPARE: Record<string, (found: unknown, wanted: Check["value"]) => boolean> = {
  "==": (found, wanted) => found === wanted,
  "!=": (found, wanted) => found !== wanted,
  "<": (found, wanted) => order(found, wanted) < 0,
  "<=": (found, wanted) => order(found, wanted) <= 0,
  ">": (found, wanted) => order(found, wanted) > 0,
  ">=": (found, wanted) => order(found, wanted) >= 0,
  contains: (found, wanted) => contains(found, String(wanted)),
  in: (found, wanted) => String(wanted).split(",").includes(String(found)),
  "not exists": () => false,
};

function compileTest({ operator, value }: Check): Test {
  if (operator === "exists") return () => true;
  if (operator === "not empty") return (found) => !isEmpty(found);
  const compare = operator === "matches" ? matching(String(value)) : COMPARE[operator]!;
  return (found) => compare(found instanceof Uint8Array ? base64(found) : found, value);
}

/** Bytes compare as JSON has them. */
const base64 = (bytes: Uint8Array): string => btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
