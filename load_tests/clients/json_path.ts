/** JSONPath (RFC 9535) over answers. */
import { compile, type JSONValue } from "json-p3";

export function isJsonPath(text: string): boolean {
  try {
    compile(text);
    return true;
  } catch {
    return false;
  }
}

/** The first value at a path; undefined where there is none. Throws an Error for a path that is none. */
export function compileJsonPath(path: string): (json: unknown) => unknown {
  const query = compile(path);
  return (json) => query.match(json as JSONValue)?.value;
}
