/** Rules of HTTP paths and headers, told before anything is sent. */
import type { Resolver } from "../core/plugin.ts";

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
/** Set by the client itself, from the body and the connection. */
const OURS = new Set(["connection", "content-length", "expect", "keep-alive", "transfer-encoding", "upgrade"]);

/** Reports names and values that no header may have. */
export function checkHeaders(
  path: readonly (string | number)[],
  headers: Readonly<Record<string, string>>,
  at: Resolver,
): void {
  for (const [name, value] of Object.entries(headers)) {
    const here = [...path, name];
    if (!TOKEN.test(name)) at.issue(here, `expected a header's name (letters, digits and dashes), found "${name}"`);
    else if (OURS.has(name.toLowerCase())) at.issue(here, `"${name}" is set by Tenfold itself: leave it out`);
    if (/[\0\r\n]/.test(value))
      at.issue(here, `expected a header's value on one line, found a line break in "${name}"`);
  }
  at.templates(path, headers);
}

/** Reports a path that no request line may have. */
export function checkPath(path: readonly (string | number)[], text: string, at: Resolver): void {
  if (!/^(\/|\{\{)/.test(text)) at.issue(path, `expected a path that begins with "/", found "${text}"`);
  if (text.includes("#"))
    at.issue(path, `expected a path without "#" (no server sees what follows it), found "${text}"`);
  at.templates(path, text);
}
