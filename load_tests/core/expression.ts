/**
 * The inside of `{{ }}`, from handlebars' syntax tree to closures. Its own compiled templates build a frame and helper
 * options for each call, and its paths end at prototypes; a template is filled once a call, on the load path.
 */
import { DATES } from "./dates.ts";
import { DRAWS } from "./draws.ts";
import type { Values } from "./values.ts";

/** A template met a value that is not there, or not of the kind it needs; `path` is the name as written. */
export class MissingValue extends Error {
  override readonly name = "MissingValue";
  readonly path: string;

  constructor(path: string, expected = "a value") {
    super(`{{${path}}}: expected ${expected}, found none at this point of the run`);
    this.path = path;
  }
}

/** The item of an `#each`, seen from within. */
interface Scope {
  readonly item: unknown;
  readonly data: Readonly<Record<string, unknown>>;
  readonly outer: Scope | null;
}

export type Evaluate = (values: Values, scope: Scope | null) => unknown;
export type Part = string | Evaluate;

/** What every template may use. */
export const BUILT_IN: ReadonlyMap<string, Evaluate> = new Map<string, Evaluate>([
  ["user.id", (values) => values.user.id],
  ["user.index", (values) => values.user.index],
  ["run.id", (values) => values.run.id],
  ["iteration", (values) => values.iteration],
  ...[...DATES].map(([name, { make }]): [string, Evaluate] => {
    const alone = make([])!;
    return [name, (values) => alone(values.now)];
  }),
]);

export const isLiteral = (node: hbs.AST.Node): node is hbs.AST.Literal & { value: unknown } =>
  node.type.endsWith("Literal");
export const isPath = (node: hbs.AST.Node): node is hbs.AST.PathExpression => node.type === "PathExpression";

/** The value at the end of a path of own properties; undefined where there is none. */
function dig(from: unknown, parts: readonly string[]): unknown {
  let value = from;
  for (const part of parts) {
    if (value === null || value === undefined || !Object.hasOwn(value, part)) return undefined;
    value = (value as Record<string, unknown>)[part];
  }
  return value;
}

function outward(scope: Scope | null, steps: number): Scope | null {
  let at = scope;
  for (let i = 0; i < steps; i++) at = at?.outer ?? null;
  return at;
}

/** Looks a name up in the items around it, innermost first, then in the values; undefined if it is nowhere. */
function lookup(path: hbs.AST.PathExpression): Evaluate {
  const { parts, depth, original } = path;
  if (path.data) return (_, scope) => dig(outward(scope, depth)?.data, parts);
  const builtIn = BUILT_IN.get(original);
  if (builtIn !== undefined) return builtIn;
  if (parts[0] === "env" && depth === 0) return (values) => dig(values.env, parts.slice(1));
  if (parts.length === 0 || /^(this\b|\.\/)/.test(original))
    return (_, scope) => dig(outward(scope, depth)?.item, parts);
  return (values, scope) => {
    for (let at = outward(scope, depth); at !== null; at = at.outer) {
      const found = dig(at.item, parts);
      if (found !== undefined) return found;
    }
    return dig(values, parts);
  };
}

/** A draw: made once where its arguments are constant, else for each call. */
function draw(node: Call): Evaluate {
  const { make, usage } = DRAWS.get(node.path.original)!;
  if (node.params.every(isLiteral)) {
    const drawn = make(node.params.map((param) => param.value))!;
    return (values) => drawn(values.random);
  }
  const params = node.params.map(evaluator);
  return (values, scope) => {
    const drawn = make(params.map((param) => param(values, scope)));
    if (drawn === undefined) throw new MissingValue(node.path.original, usage);
    return drawn(values.random);
  };
}

/** A date: made once where its arguments are constant, else for each call. */
function dated(node: Call): Evaluate {
  const { make, usage } = DATES.get(node.path.original)!;
  if (node.params.every(isLiteral)) {
    const at = make(node.params.map((param) => param.value))!;
    return (values) => at(values.now);
  }
  const params = node.params.map(evaluator);
  return (values, scope) => {
    const at = make(params.map((param) => param(values, scope)));
    if (at === undefined) throw new MissingValue(node.path.original, usage);
    return at(values.now);
  };
}

interface Call {
  readonly path: hbs.AST.PathExpression;
  readonly params: readonly hbs.AST.Expression[];
}

function call(node: Call): Evaluate {
  if (DRAWS.has(node.path.original)) return draw(node);
  return node.params.length === 0 ? required(node.path) : dated(node);
}

function required(path: hbs.AST.PathExpression): Evaluate {
  const find = lookup(path);
  return (values, scope) => {
    const value = find(values, scope);
    if (value === undefined) throw new MissingValue(path.original);
    return value;
  };
}

/** The value of a parameter or of `{{ }}`; throws MissingValue where it has none. */
export function evaluator(node: hbs.AST.Node): Evaluate {
  if (isLiteral(node)) return () => node.value;
  if (isPath(node)) return call({ path: node, params: [] });
  const { path, params } = node as hbs.AST.MustacheStatement | hbs.AST.SubExpression;
  return isPath(path) ? call({ path, params }) : evaluator(path);
}

function text(value: unknown): string {
  if (typeof value === "string") return value;
  if (value === null) return "";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** Fills the parts in, one after the other. */
export function render(parts: readonly Part[], values: Values, scope: Scope | null): string {
  let out = "";
  for (const part of parts) out += typeof part === "string" ? part : text(part(values, scope));
  return out;
}

const isEmpty = (value: unknown): boolean => !value || (Array.isArray(value) && value.length === 0);

function each(list: hbs.AST.Expression, name: string, [body, otherwise]: [Part[], Part[]]): Evaluate {
  const find = evaluator(list);
  return (values, outer) => {
    const items = find(values, outer);
    if (typeof items !== "object") throw new MissingValue(name, "a list");
    const entries = Object.entries(items ?? []);
    if (entries.length === 0) return render(otherwise, values, outer);
    const at = (key: string, index: number) => ({ key, index, first: index === 0, last: index === entries.length - 1 });
    return entries.map(([key, item], i) => render(body, values, { item, data: at(key, i), outer })).join("");
  };
}

function block(node: hbs.AST.BlockStatement): Evaluate {
  const [subject] = node.params as [hbs.AST.Expression];
  const body = partsOf(node.program);
  const otherwise = partsOf(node.inverse);
  const name = node.path.original;
  if (name === "each") return each(subject, isPath(subject) ? subject.original : "#each", [body, otherwise]);
  const find = isPath(subject) && !DRAWS.has(subject.original) ? lookup(subject) : evaluator(subject);
  const wanted = name === "if";
  return (values, scope) => render(isEmpty(find(values, scope)) !== wanted ? body : otherwise, values, scope);
}

/** The parts of a program, in order; neighbouring constants as one. The tree is free of template problems. */
export function partsOf(program: hbs.AST.Program | undefined): Part[] {
  const parts: Part[] = [];
  for (const node of program?.body ?? []) {
    if (node.type === "ContentStatement") parts.push((node as hbs.AST.ContentStatement).value);
    else if (node.type === "BlockStatement") parts.push(block(node as hbs.AST.BlockStatement));
    else if (node.type === "MustacheStatement") parts.push(evaluator(node));
  }
  return parts;
}
