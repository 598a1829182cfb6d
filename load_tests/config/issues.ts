/** What zod finds, in the words of this program: what was expected, what was found, which word is near. */
import type { z } from "zod";
import type { Path, Tree } from "./document.ts";
import { expectedWord, type Finding, found, nearest } from "./problem.ts";

type Issue = z.core.$ZodIssue;
type RawIssue = z.core.$ZodRawIssue;

const TYPES: Record<string, string> = {
  string: "text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  object: "a map",
  record: "a map",
  array: "a list",
  null: "nothing",
};

/** `scenarios.target.phases[2].users` */
export const pathText = (path: readonly PropertyKey[]): string =>
  path.map((key, index) => (typeof key === "number" ? `[${key}]` : `${index > 0 ? "." : ""}${String(key)}`)).join("");

/** Legal keys of the object that refused some, kept in the issue's message until it is told. */
const legalKeys = (inst: unknown): string =>
  Object.keys((inst as { _zod?: { def?: { shape?: object } } } | undefined)?._zod?.def?.shape ?? {}).join(" ");

const atLeast = (count: number, [one, many]: readonly [string, string]): string =>
  `at least ${count} ${count === 1 ? one : many}`;

function expectedOf(issue: RawIssue): string | undefined {
  switch (issue.code) {
    case "invalid_type":
      return TYPES[issue.expected] ?? issue.expected;
    case "unrecognized_keys":
      return legalKeys(issue.inst);
    case "invalid_value":
      return issue.values.length === 1 ? String(issue.values[0]) : `one of ${issue.values.map(String).join(", ")}`;
    case "invalid_format":
      return issue.format === "starts_with" ? `text that begins with ${JSON.stringify(issue.prefix)}` : undefined;
    case "too_small":
      return issue.origin === "string" || issue.origin === "array"
        ? atLeast(Number(issue.minimum), issue.origin === "array" ? ["entry", "entries"] : ["character", "characters"])
        : `a number ${issue.inclusive ? "of at least" : "over"} ${issue.minimum}`;
    case "too_big":
      return `${issue.origin === "array" ? "at most" : `a number ${issue.inclusive ? "of at most" : "under"}`} ${issue.maximum}`;
    case "not_multiple_of":
      return `a multiple of ${issue.divisor}`;
    default:
      return undefined;
  }
}

/** How far an alternative of a union is from what was written: its type is wrong, its value is, or something in it. */
function distanceOf(issues: readonly Issue[]): number {
  if (issues.some(({ path, code }) => path.length === 0 && code === "invalid_type")) return 3;
  if (issues.some(({ path, code }) => path.length === 0 && code === "invalid_value")) return 2;
  return 1;
}

/** The issues of the alternative that was meant, or one that names what all of them expect. */
function unfold(issue: Issue): Issue[] {
  if (issue.code !== "invalid_union") return [issue];
  const alternatives = issue.errors
    .map((errors) => errors.flatMap(unfold))
    .sort((a, b) => distanceOf(a) - distanceOf(b) || a.length - b.length);
  const [nearest = [], second] = alternatives;
  const clear = distanceOf(nearest) === 1 || second === undefined;
  if (clear) return nearest.map((each) => ({ ...each, path: [...issue.path, ...each.path] }));
  const expected = [...new Set(alternatives.map(([first]) => first!.message))];
  const said = issue.message.startsWith("expected ") ? issue.message : expected.join(", or ");
  return [{ ...issue, code: "custom", message: said } as Issue];
}

const parse = (schema: z.ZodType, value: unknown): Issue[] =>
  schema.safeParse(value, { error: expectedOf }).error?.issues.flatMap(unfold) ?? [];

export function valueAt(tree: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((node, key) => {
    if (typeof node !== "object" || node === null || !Object.hasOwn(node, key)) return undefined;
    return (node as Record<PropertyKey, unknown>)[key];
  }, tree);
}

/** Where text is expected and a variable gave `123` or `true`, the text it was is put back. Gives whether any was. */
function restoreTexts(tree: Checked, issues: readonly Issue[]): boolean {
  const at = new Set(issues.map((issue) => JSON.stringify(issue.path)));
  const wrong = tree.substitutions.filter(
    ({ path }) => path.length > 0 && at.has(JSON.stringify(path)) && typeof valueAt(tree.value, path) !== "string",
  );
  for (const { path, text } of wrong) {
    const parent = valueAt(tree.value, path.slice(0, -1));
    if (typeof parent === "object" && parent !== null) (parent as Record<PropertyKey, unknown>)[path.at(-1)!] = text;
  }
  return wrong.length > 0;
}

/** What of a tree a schema looks at. */
export type Checked = Pick<Tree, "value" | "places" | "substitutions">;

export interface Located extends Finding {
  readonly path: Path;
  /** The legal key that an unknown one is near to: where that one is missing, this is why. */
  readonly near?: string | undefined;
}

/** Everything that the schema finds in the tree. */
export function schemaFindings(schema: z.ZodType, tree: Checked): Located[] {
  let issues = parse(schema, tree.value);
  if (restoreTexts(tree, issues)) issues = parse(schema, tree.value);
  const findings = issues.flatMap((issue) => tell(issue, tree));
  const meant = new Set(
    findings.map(({ path, near }) => near !== undefined && JSON.stringify([...path.slice(0, -1), near])),
  );
  return findings.filter(
    ({ path, near }) =>
      near !== undefined || valueAt(tree.value, path) !== undefined || !meant.has(JSON.stringify(path)),
  );
}

/** A name that the keys of a map may not have; the schema of the keys says what they are to be. */
function wrongKey(issue: z.core.$ZodIssueInvalidKey, path: Path, places: Tree["places"]): Located {
  const [first] = issue.issues;
  const name = JSON.stringify(String(path.at(-1)));
  const message = `${pathText(path.slice(0, -1))}: expected ${first?.message ?? "another key"}, found ${name}`;
  return { path, place: places.key(path), message };
}

function tell(issue: Issue, { value, places }: Checked): Located[] {
  const path = issue.path.map((key) => (typeof key === "symbol" ? String(key) : key));
  const name = pathText(path) || "the file";
  if (issue.code === "unrecognized_keys") {
    const legal = issue.message.split(" ").filter(Boolean);
    return issue.keys.map((key) => {
      const at = [...path, key];
      const message = `unknown key \`${key}\` in ${name}: ${expectedWord(key, legal)}`;
      return { path: at, place: places.key(at), message, near: nearest(key, legal) ?? "" };
    });
  }
  if (issue.code === "invalid_key") return [wrongKey(issue, path, places)];
  const written = valueAt(value, path);
  if (path.length === 0 && (written === undefined || written === null))
    return [{ path, place: places.key(path), message: "the file is empty: expected `services` and `scenarios`" }];
  if (written === undefined) {
    const message = `\`${name}\` is missing: expected ${issue.message.replace(/^expected /, "")}`;
    return [{ path, place: places.key(path), message }];
  }
  if (issue.code === "invalid_value" && typeof written === "string") {
    const message = `${name}: found ${found(written)}, ${expectedWord(written, issue.values.map(String))}`;
    return [{ path, place: places.value(path), message }];
  }
  const expected = issue.message.startsWith("expected ") ? issue.message : `expected ${issue.message}`;
  return [{ path, place: places.value(path), message: `${name}: ${expected}, found ${found(written)}` }];
}
