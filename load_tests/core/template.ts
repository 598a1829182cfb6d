/** Templates in strings and JSON values: handlebars' syntax without HTML escaping, compiled once, filled once a call. */
import Handlebars from "handlebars";
import { bounded, terminal } from "./escape.ts";
import { type Evaluate, evaluator, partsOf, render } from "./expression.ts";
import { programProblems } from "./template_problems.ts";
import type { Values } from "./values.ts";

export { MissingValue } from "./expression.ts";
export type { Values } from "./values.ts";

/** Whether any string or key in the value holds a template. */
export function hasTemplate(value: unknown): boolean {
  if (typeof value === "string") return value.includes("{{");
  if (Array.isArray(value)) return value.some(hasTemplate);
  if (!isPlainObject(value)) return false;
  return Object.entries(value).some(([key, item]) => hasTemplate(key) || hasTemplate(item));
}

/** A sentence for each mistake: broken syntax, a name that nothing fills (`known` are filled beside the usual ones). */
export function templateProblems(text: string, known: readonly string[]): string[] {
  return problemsOf(text, known);
}

/** Throws an Error with a sentence where the template is broken; names beside the usual ones are sought at run time. */
export function compileText(text: string): (values: Values) => string {
  if (!hasTemplate(text)) return () => text;
  const parts = partsOf(parseSound(text));
  if (parts.every((part) => typeof part === "string")) {
    const constant = parts.join("");
    return () => constant;
  }
  return (values) => render(parts, values, null);
}

/**
 * Fills every string and key of a JSON value. A string that is one lone template keeps the type of what fills it; what
 * holds no template is the same object each time. A member whose key comes to nothing is left out.
 */
export function compileJson(value: unknown): (values: Values) => unknown {
  const fill = jsonEvaluator(value);
  return fill === null ? () => value : (values) => fill(values, null);
}

const isPlainObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && [Object.prototype, null].includes(Object.getPrototypeOf(value));

function jsonEvaluator(value: unknown): Evaluate | null {
  if (!hasTemplate(value)) return null;
  if (typeof value === "string") return stringEvaluator(value);
  if (Array.isArray(value)) {
    const items = value.map(evaluatorOrConstant);
    return (values) => items.map((item) => item(values, null));
  }
  const entries = Object.entries(value as object).map(
    ([key, item]) => [compileText(key), evaluatorOrConstant(item)] as const,
  );
  return (values) =>
    Object.fromEntries(
      entries.flatMap(([key, item]) => {
        const name = key(values);
        return name === "" ? [] : [[name, item(values, null)]];
      }),
    );
}

const evaluatorOrConstant = (value: unknown): Evaluate => jsonEvaluator(value) ?? (() => value);

function stringEvaluator(text: string): Evaluate {
  const { body } = parseSound(text);
  const [only] = body;
  if (body.length === 1 && only?.type === "MustacheStatement") return evaluator(only);
  return compileText(text);
}

function parseSound(text: string): hbs.AST.Program {
  const [problem] = problemsOf(text, null);
  if (problem !== undefined) throw new Error(problem);
  return parse(text);
}

/** One text is asked for as it is checked, read and compiled. */
const parsed = new Map<string, hbs.AST.Program>();
const MOST_PARSED = 1000;

function parse(text: string): hbs.AST.Program {
  const known = parsed.get(text);
  if (known !== undefined) return known;
  const program = Handlebars.parse(text);
  if (parsed.size >= MOST_PARSED) parsed.clear();
  parsed.set(text, program);
  return program;
}

function problemsOf(text: string, known: readonly string[] | null): string[] {
  if (!hasTemplate(text)) return [];
  try {
    return programProblems(parse(text), { known, inEach: false }).map(terminal);
  } catch (error) {
    return [
      `${terminal(bounded(text, SHOWN))} is no template: ${terminal(syntaxProblem(String((error as Error).message)))}`,
    ];
  }
}

/** Characters of a broken template that its problem shows. */
const SHOWN = 80;

/** Handlebars draws an arrow under the excerpt of a line; this says in words where it points. */
function syntaxProblem(message: string): string {
  const [, line, excerpt = "", arrow = ""] = /^Parse error on line (\d+):\n(.*)\n(-*)\^/.exec(message) ?? [];
  if (line === undefined) return message;
  const before = excerpt.slice(0, arrow.length);
  const found = excerpt.slice(arrow.length, arrow.length + 20) || "the end";
  const advice =
    /\.$/.test(before) && /^\d/.test(found) ? "; a number at the end of a name stands in brackets: list.[0]" : "";
  return `expected {{ name }} and {{#if name}} ... {{/if}}, found ${found} after ${before} in line ${line}${advice} (a plain {{ is written \\{{)`;
}
