/** Reads sentences such as `$.id not empty`; every refusal is an Error that says what is legal and what is nearest. */
import { closest } from "fastest-levenshtein";
import { compile } from "json-p3";
import { parseDuration, parseSize } from "./units.ts";

export interface Check {
  readonly sentence: string;
  readonly subject: "status" | "body" | "json" | "header" | "size" | "time";
  /** The JSONPath, or the header's name. */
  readonly path: string | null;
  readonly operator: string;
  /** Bytes of a size, milliseconds of a time, the list of `in` and the pattern of `matches` as text. */
  readonly value: string | number | boolean | null;
}

type Subject = Check["subject"];

const ORDERED = ["<", "<=", ">", ">="];
const COMPARISONS = ["==", "!=", ...ORDERED];
const PRESENCE = ["exists", "not exists", "not empty"];
const TEXT = ["==", "!=", "contains", "matches"];

const OPERATORS: Record<Subject, readonly string[]> = {
  status: [...COMPARISONS, "in"],
  json: [...PRESENCE, ...COMPARISONS, "contains", "matches"],
  body: ["not empty", ...TEXT],
  header: [...PRESENCE, ...TEXT],
  size: COMPARISONS,
  time: ORDERED,
};
const WITHOUT_VALUE = new Set(PRESENCE);
const SUBJECTS = ["status", "body", "size", "time", "header:NAME", "$.path"];

/** What a sentence is made of, before its value is read. */
interface Words {
  readonly sentence: string;
  readonly subject: Subject;
  readonly path: string | null;
  readonly operator: string;
  readonly rest: string;
}

function refuse(sentence: string, why: string): never {
  throw new Error(`check "${sentence}": ${why}`);
}

/** Length of the JSONPath that a sentence begins with: to the first blank or operator outside of its brackets. */
function pathLength(sentence: string): number {
  let depth = 0;
  let quote = "";
  for (let i = 0; i < sentence.length; i++) {
    const char = sentence[i]!;
    if (quote !== "") {
      if (char === "\\") i++;
      else if (char === quote) quote = "";
    } else if (depth > 0 && (char === '"' || char === "'")) quote = char;
    else if (char === "[" || char === "(") depth++;
    else if (char === "]" || char === ")") depth--;
    else if (depth === 0 && /[\s=!<>]/.test(char)) return i;
  }
  return sentence.length;
}

function checkedPath(sentence: string): string {
  const path = sentence.slice(0, pathLength(sentence));
  try {
    compile(path);
  } catch (error) {
    refuse(sentence, `expected a JSONPath such as $.items[0].id, found ${path}: ${(error as Error).message}`);
  }
  return path;
}

function splitSubject(sentence: string): { subject: Subject; path: string | null; end: number } {
  if (sentence.startsWith("$")) {
    const path = checkedPath(sentence);
    return { subject: "json", path, end: path.length };
  }
  const [word = ""] = /^[^\s=!<>]*/.exec(sentence)!;
  const header = /^header:(.+)$/.exec(word);
  if (header !== null) return { subject: "header", path: header[1]!, end: word.length };
  if (word === "status" || word === "body" || word === "size" || word === "time")
    return { subject: word, path: null, end: word.length };
  const bare = SUBJECTS.map((form) => form.replace(/[:.].*/, ""));
  const nearest = SUBJECTS[bare.indexOf(closest(word.replace(/:.*/, ""), bare))];
  return refuse(
    sentence,
    `expected it to begin with one of ${SUBJECTS.join(", ")}, found "${word}"; the nearest is ${nearest}`,
  );
}

function splitWords(sentence: string): Words {
  const { subject, path, end } = splitSubject(sentence);
  const [, found = "", rest = ""] = /^\s*(not\s+\S+|[=!<>]+|[^\s=!<>]*)\s*(.*)$/s.exec(sentence.slice(end))!;
  const operator = found.replace(/\s+/, " ");
  const legal = OPERATORS[subject];
  if (!legal.includes(operator)) {
    const what = found === "" ? "nothing" : `"${found}"; the nearest is ${closest(operator, [...legal])}`;
    refuse(sentence, `expected one of ${legal.join(", ")} after "${sentence.slice(0, end)}", found ${what}`);
  }
  return { sentence, subject, path, operator, rest };
}

/** The text inside quotes; undefined where there are none. */
function unquoted(text: string): string | undefined {
  if (/^'[^']*'$/.test(text)) return text.slice(1, -1);
  if (!/^"(\\.|[^"\\])*"$/s.test(text)) return undefined;
  try {
    return JSON.parse(text) as string;
  } catch {
    return undefined;
  }
}

const isNumber = (text: string): boolean => /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text);

/** A pattern between slashes, with flags i, m, s, u; undefined where it is none. */
export function patternOf(text: string): RegExp | undefined {
  const [, source, flags] = /^\/(.*)\/([imsu]*)$/s.exec(text) ?? [];
  return source === undefined ? undefined : new RegExp(source, flags);
}

function patternValue({ sentence, rest }: Words): string {
  try {
    if (patternOf(rest) !== undefined) return rest;
  } catch (error) {
    refuse(sentence, `the regular expression does not compile: ${(error as Error).message}`);
  }
  return refuse(sentence, `expected a regular expression between slashes, such as /^ok/i, found "${rest}"`);
}

function statusValue({ sentence, operator, rest }: Words): string | number {
  const list = rest.split(",").map((item) => item.trim());
  const one =
    operator === "in" ? /^(\d+|[A-Z][A-Z_]*)$/ : ORDERED.includes(operator) ? /^\d+$/ : /^(\d+|[A-Z][A-Z_]*)$/;
  const example = operator === "in" ? "200,201" : ORDERED.includes(operator) ? "400" : "200 or NOT_FOUND";
  const fits = list.every((item) => one.test(item)) && (operator === "in" || list.length === 1);
  if (!fits) refuse(sentence, `expected ${example} after "${operator}", found "${rest}"`);
  if (operator === "in") return list.join(",");
  return isNumber(rest) ? Number(rest) : rest;
}

const CONSTANTS: Record<string, boolean | null> = { true: true, false: false, null: null };

function jsonValue({ sentence, operator, rest }: Words): Check["value"] {
  const quoted = unquoted(rest);
  if (quoted !== undefined) return quoted;
  if (operator === "contains") return rest;
  if (isNumber(rest)) return Number(rest);
  if (ORDERED.includes(operator))
    refuse(sentence, `expected a number or a quoted text after "${operator}", found "${rest}"`);
  return Object.hasOwn(CONSTANTS, rest) ? CONSTANTS[rest]! : rest;
}

function quantity({ sentence, subject, operator, rest }: Words): number {
  const value = subject === "size" ? parseSize(rest) : parseDuration(rest);
  const example = subject === "size" ? "a size such as 64KB" : "a duration such as 500ms or 1s";
  return value ?? refuse(sentence, `expected ${example} after "${operator}", found "${rest}"`);
}

function readValue(words: Words): Check["value"] {
  const { sentence, subject, operator, rest } = words;
  if (WITHOUT_VALUE.has(operator)) {
    if (rest !== "") refuse(sentence, `expected nothing after "${operator}", found "${rest}"`);
    return null;
  }
  if (rest === "") refuse(sentence, `expected a value after "${operator}", found nothing`);
  if (operator === "matches") return patternValue(words);
  if (subject === "status") return statusValue(words);
  if (subject === "json") return jsonValue(words);
  if (subject === "size" || subject === "time") return quantity(words);
  return unquoted(rest) ?? rest;
}

/** Throws an Error whose message says what is legal there and what comes nearest to what was found. */
export function parseCheck(sentence: string): Check {
  const words = splitWords(sentence.trim());
  const { subject, path, operator } = words;
  return { sentence: words.sentence, subject, path, operator, value: readValue(words) };
}
