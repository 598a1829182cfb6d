/** JSONPath (RFC 9535) over answers, compiled once. */
import { compile, type JSONPathQuery, type JSONValue } from "json-p3";

/** All that a path finds. */
export type FindJson = (json: unknown) => unknown[];

/** Throws an Error with a sentence for a path that is none. */
export function compileJsonPath(path: string): FindJson {
  const query = compile(path);
  return query.singularQuery() ? walk(stepsOf(query)) : (json) => query.query(json as JSONValue).values();
}

/** Names and indexes of a path that finds one value at most. */
const stepsOf = ({ segments }: JSONPathQuery): (string | number)[] =>
  segments.map(({ selectors: [only] }) => {
    const { name, index } = only as unknown as { readonly name?: string; readonly index?: number };
    return name ?? index!;
  });

/** Most paths are such; the library, which keeps the place of each node, takes ten times as long for them. */
function walk(steps: readonly (string | number)[]): FindJson {
  return (json) => {
    let value = json;
    for (const step of steps) {
      const found = typeof step === "number" ? itemOf(value, step) : memberOf(value, step);
      if (found === undefined) return [];
      value = found;
    }
    return [value];
  };
}

const itemOf = (value: unknown, index: number): unknown => (Array.isArray(value) ? value.at(index) : undefined);

const memberOf = (value: unknown, name: string): unknown =>
  typeof value === "object" && value !== null && !Array.isArray(value) && Object.hasOwn(value, name)
    ? (value as Record<string, unknown>)[name]
    : undefined;
