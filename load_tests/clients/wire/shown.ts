/** Requests as text, for who looks on. */
import { isSecretKey } from "../../core/mask.ts";
import type { HttpRequest } from "./request.ts";

const CREDENTIALS = new Set(["authorization", "cookie", "proxy-authorization"]);

/** The request's line, its headers without credentials, and its body. */
export function requestText({ method, path, headers: { pairs }, body }: HttpRequest): string {
  const lines = [`${method} ${path}`];
  for (let i = 0; i < pairs.length; i += 2) {
    const name = pairs[i]!;
    lines.push(`${name}: ${CREDENTIALS.has(name) || isSecretKey(name) ? "***" : pairs[i + 1]}`);
  }
  return [...lines, ...(body === null || body.length === 0 ? [] : ["", body.toString()])].join("\n");
}
