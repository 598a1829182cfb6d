/** What is wrong with a template before it is ever filled: its syntax, its names, its arguments. */
import { closest } from "fastest-levenshtein";
import { DATES } from "./dates.ts";
import { DRAWS } from "./draws.ts";
import { BUILT_IN, isLiteral, isPath } from "./expression.ts";

const BLOCKS = ["if", "unless", "each"];
const EACH_DATA = ["index", "key", "first", "last"];
const ROOTS = new Set(["user", "run", "random", "env", "iteration", ...DATES.keys()]);
/** What takes arguments. */
const CALLS = new Map<string, TakesArguments>([...DRAWS, ...DATES]);
interface TakesArguments {
  readonly usage: string;
  make(args: readonly unknown[]): unknown;
}

/** Where a node stands: names that are known beside the usual ones (null: any), and whether an `#each` is around it. */
interface Place {
  readonly known: readonly string[] | null;
  readonly inEach: boolean;
}

const names = (known: readonly string[]): string[] => [...BUILT_IN.keys(), "env.NAME", ...DRAWS.keys(), ...known];

function unknownName(name: string, { known }: Place): string {
  const legal = names(known ?? []);
  return `{{${name}}}: nothing fills this name; the nearest is ${closest(name, legal)}, and these are legal: ${legal.join(", ")}`;
}

const isWithin = (name: string, known: string): boolean => name === known || name.startsWith(`${known}.`);

function pathProblems(path: hbs.AST.PathExpression, place: Place): string[] {
  const { original: name, parts } = path;
  if (path.data) {
    const fits = place.inEach && parts.length === 1 && EACH_DATA.includes(parts[0]!);
    return fits ? [] : [`{{${name}}}: expected ${EACH_DATA.map((d) => `@${d}`).join(", ")}, inside an #each`];
  }
  if (BUILT_IN.has(name) || /^env\.[^.]+$/.test(name)) return [];
  if (ROOTS.has(parts[0] ?? "") && path.depth === 0) return [unknownName(name, place)];
  if (place.inEach || (place.known === null && parts.length > 0)) return [];
  return place.known?.some((known) => isWithin(name, known)) ? [] : [unknownName(name, place)];
}

interface Call {
  readonly path: hbs.AST.Node;
  readonly params: readonly hbs.AST.Expression[];
  readonly hash?: hbs.AST.Hash | undefined;
}

function argumentProblems(name: string, params: readonly hbs.AST.Expression[]): string[] {
  const { usage, make } = CALLS.get(name)!;
  const literals = params.filter(isLiteral).map((param) => param.value);
  const fits = literals.length < params.length || make(literals) !== undefined;
  return fits ? [] : [`{{${name}}}: expected ${usage}, found ${[name, ...literals.map(quoted)].join(" ")}`];
}

const quoted = (value: unknown): string => JSON.stringify(value) ?? "undefined";

function callProblems({ path, params, hash }: Call, place: Place): string[] {
  const inner = params.flatMap((param) => expressionProblems(param, place));
  if (hash !== undefined)
    return [`{{${textOf(path)} ${hash.pairs[0]?.key}=...}}: expected no named arguments`, ...inner];
  if (!isPath(path)) return inner;
  const name = path.original;
  if (CALLS.has(name)) return [...argumentProblems(name, params), ...inner];
  const own = pathProblems(path, place);
  if (own.length > 0 || params.length === 0) return [...own, ...inner];
  return [`{{${name} ...}}: expected a name alone; only ${[...CALLS.keys()].join(", ")} take arguments`, ...inner];
}

const textOf = (node: hbs.AST.Node): string => String((node as { original?: unknown }).original ?? node.type);

function expressionProblems(node: hbs.AST.Node, place: Place): string[] {
  if (isLiteral(node)) return [];
  return callProblems(isPath(node) ? { path: node, params: [] } : (node as hbs.AST.SubExpression), place);
}

function blockProblems(node: hbs.AST.BlockStatement, place: Place): string[] {
  const name = textOf(node.path);
  if (!BLOCKS.includes(name))
    return [`{{#${name}}}: expected one of #if, #unless, #each; the nearest is #${closest(name, BLOCKS)}`];
  const [subject] = node.params;
  if (subject === undefined || node.params.length > 1 || node.hash !== undefined)
    return [`{{#${name}}}: expected one value, as in {{#${name} NAME}}, found ${node.params.length}`];
  if (node.program?.blockParams?.length)
    return [`{{#${name} ... as |x|}}: expected no names after "as"; use this, @index or @key`];
  const inside = name === "each" ? { ...place, inEach: true } : place;
  return [
    ...expressionProblems(subject, place),
    ...programProblems(node.program, inside),
    ...programProblems(node.inverse, place),
  ];
}

/** A sentence for each mistake of a parsed template. With `known` null, any name that the usual ones do not shadow may be filled. */
export function programProblems(program: hbs.AST.Program | undefined, place: Place): string[] {
  return (program?.body ?? []).flatMap((node) => {
    if (node.type === "ContentStatement" || node.type === "CommentStatement") return [];
    if (node.type === "MustacheStatement") return callProblems(node as hbs.AST.MustacheStatement, place);
    if (node.type === "BlockStatement") return blockProblems(node as hbs.AST.BlockStatement, place);
    return [
      `expected {{ names }}, #if, #unless and #each only, found a ${node.type.replace("Statement", "").toLowerCase()}`,
    ];
  });
}
