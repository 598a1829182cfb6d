/** Conditions of steps: `cart`, `not cart`, `state == "done"`, `tries < 3`; the operators are those of checks. */
import { compileChecks, parseCheck } from "./check.ts";
import type { Answer } from "./plugin.ts";
import type { Values } from "./template.ts";

const NAME = /^[A-Za-z_][\w-]*(\.[A-Za-z_][\w-]*|\[\d+\])*/;

/** The name that a condition is about; null where it is no condition. */
export const subjectOf = (condition: string): string | null =>
  NAME.exec(condition.trim().replace(/^not\s+/, ""))?.[0] ?? null;

/** As `{{#if}}` takes it: there, and not 0, false, null, or an empty text or list. */
const holds = (value: unknown): boolean => Boolean(value) && !(Array.isArray(value) && value.length === 0);

function lookup(name: string): (values: Values) => unknown {
  const keys = name.split(/[.[\]]+/).filter((key) => key !== "");
  return (values) =>
    keys.reduce<unknown>(
      (at, key) => (at !== null && at !== undefined && Object.hasOwn(at, key) ? (at as never)[key] : undefined),
      values,
    );
}

/** Throws an Error with a sentence where it is none. */
export function compileCondition(written: string): (values: Values) => boolean {
  const text = written.trim();
  const name = subjectOf(text);
  if (name === null)
    throw new Error(`expected a condition such as cart, not cart or state == "done", found ${JSON.stringify(written)}`);
  const find = lookup(name);
  if (text === name) return (values) => holds(find(values));
  if (/^not\s/.test(text) && text.replace(/^not\s+/, "") === name) return (values) => !holds(find(values));
  const fails = compileChecks([parseCheck(text.replace(name, "$.it"))]);
  return (values) => {
    const found = find(values);
    return fails(answerOf(found === undefined ? {} : { it: found }), 0) === null;
  };
}

const answerOf = (json: object): Answer => ({
  status: "",
  size: 0,
  header: () => undefined,
  text: () => "",
  json: () => json,
});
