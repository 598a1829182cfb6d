/** The grammar that criteria share: `head operator value`. */
import type { Ms } from "../core/model.ts";
import { parseDuration, parseShare } from "../core/units.ts";
import type { Unit } from "./amount.ts";

export const OPERATORS = ["<", "<=", ">", ">=", "=="] as const;
export type Operator = (typeof OPERATORS)[number];

export interface Sentence {
  readonly head: string;
  readonly operator: Operator;
  /** As written, without spaces at its ends. */
  readonly value: string;
}

/** Splits a sentence at its operator; null where it has none, two, or nothing beside it. */
export function splitSentence(text: string): Sentence | null {
  const match = /^([^<>=()]+)(<=|>=|==|<|>)([^<>=]+)$/.exec(text);
  if (match === null) return null;
  const head = match[1]!.trim().replace(/\s+/g, " ");
  const value = match[3]!.trim();
  return head === "" || value === "" ? null : { head, operator: match[2] as Operator, value };
}

/**
 * The sentence where its head begins with one of `words`, else null. Throws an Error where the rest of such a sentence
 * is no operator and value.
 */
export function sentenceOf(text: string, words: RegExp): Sentence | null {
  const begins = new RegExp(`^\\s*(?:${words.source})(?![\\w.])`).exec(text);
  if (begins === null) return null;
  const sentence = splitSentence(text);
  if (sentence !== null) return sentence;
  const rest = text.slice(begins[0].length).trim();
  throw new Error(`expected one of < <= > >= == and a value after "${begins[0].trim()}", found "${rest}"`);
}

/** Spaces between a number and its unit are the writer's taste. */
const closeUp = (value: string): string => value.replace(/(\d)\s+(?=[a-z%/])/gi, "$1");

const expected = (what: string, found: string): Error => new Error(`expected ${what}, found "${found}"`);

/** Milliseconds; a bare number is seconds. Throws an Error on anything else. */
export function durationOf(value: string): Ms {
  const ms = parseDuration(closeUp(value));
  if (ms === undefined) throw expected("a duration such as 500ms or 2s", value);
  return ms;
}

const meant = (value: string): string => (/^[\d.]+$/.test(value) ? `; did you mean ${value}%?` : "");

/** A ratio, from `1%` or `0.01`. Throws an Error on anything else, also above 100 %. */
function shareOf(value: string): number {
  const share = parseShare(closeUp(value));
  if (share !== undefined && share <= 1) return share;
  const error = expected("a share such as 1% or 0.01", value);
  throw share === undefined ? error : new Error(`${error.message}${meant(value)}`);
}

/** The share that a sentence is held against. Throws an Error where it is none, or one that settles it beforehand. */
export function shareLimit({ head, operator, value }: Sentence): number {
  const share = shareOf(value);
  const said = `"${head} ${operator} ${value}"`;
  if (operator === (share === 1 ? ">" : share === 0 ? "<" : ""))
    throw new Error(`${said} can never pass: did you mean "${head} ${operator}= ${value}"?`);
  if (share === 1 && operator !== ">=" && operator !== "==")
    throw new Error(`${said} can hardly fail, as ${value} is 100 %${meant(value)}`);
  if (share === 0 && operator === ">=") throw new Error(`${said} can never fail: expected a share over 0`);
  return share;
}

/** A number in a unit: milliseconds, a ratio, `20/s` or `20` a second, or a plain number. Throws an Error on others. */
export function valueIn(unit: Unit | undefined, sentence: Sentence): number {
  const { value } = sentence;
  if (unit === "ms") return durationOf(value);
  if (unit === "ratio") return shareLimit(sentence);
  const number = /^(\d+(?:\.\d+)?)(\s*\/\s*s)?$/.exec(value);
  if (number === null || (number[2] !== undefined && unit !== "/s"))
    throw expected(unit === "/s" ? "a number a second such as 20/s" : "a number such as 3 or 12.5", value);
  return Number(number[1]);
}

/** The unit that a value is written in: a time, a share, or a plain number. */
export const unitMeant = (value: string): Unit | undefined =>
  value.endsWith("%") ? "ratio" : /[a-z]\s*$/i.test(value) ? "ms" : undefined;

/** A whole number. Throws an Error on anything else. */
export function countOf(value: string): number {
  if (!/^\d+$/.test(value)) throw expected("a whole number such as 0 or 1000", value);
  return Number(value);
}

/** Throws an Error unless the operator is one of those that make sense for `head`. */
export function onlyOperators(sentence: Sentence, allowed: readonly Operator[]): void {
  if (allowed.includes(sentence.operator)) return;
  throw expected(`${allowed.join(" or ")} after "${sentence.head}"`, sentence.operator);
}

/** Whether `observed operator limit` is true. */
export function holds(observed: number, operator: Operator, limit: number): boolean {
  switch (operator) {
    case "<":
      return observed < limit;
    case "<=":
      return observed <= limit;
    case ">":
      return observed > limit;
    case ">=":
      return observed >= limit;
    case "==":
      return observed === limit;
  }
}
