/** Requests as text, for who looks on. */
import { isSecretKey } from "../../core/mask.ts";
import type { HttpRequest } from "./carried.ts";

const CREDENTIALS = new Set(["authorization", "cookie", "proxy-authorization"]);

/** The request's line, its headers without credentials, and its body. */
export function requestText({ method, path, headers, body }: HttpRequest): string {
  const lines = [`${method} ${path}`];
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i]!;
    lines.push(`${name}: ${CREDENTIALS.has(name) || isSecretKey(name) ? "***" : headers[i + 1]}`);
  }
  return [...lines, ...(body === null || body.length === 0 ? [] : ["", body.toString()])].join("\n");
}
