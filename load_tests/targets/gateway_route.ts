/** One route of the gateway, with FastAPI's ways of refusing. */
import type { z } from "zod";
import type { HttpAnswer, HttpRequest } from "./http_service.ts";
import { verify } from "./token.ts";

export interface Route {
  readonly method: "GET" | "POST";
  readonly path: string;
  /** Asks for a token. */
  readonly bearer?: true;
  /** The limiter skips it. */
  readonly unlimited?: true;
  answer(request: HttpRequest): HttpAnswer | Promise<HttpAnswer>;
  /** An answer that says OK and holds a failure; without it an error object. */
  soft?(): HttpAnswer;
}

export const ok = (body: unknown): HttpAnswer => ({ status: 200, body });
export const refuse = (status: number, detail: unknown): HttpAnswer => ({ status, body: { detail } });
export const timestamp = (): string => new Date().toISOString();
export const errorReply = (message: string) => ({ type: "error", message, timestamp: timestamp() });

export const unprocessable = (loc: readonly PropertyKey[], msg: string, type: string): HttpAnswer =>
  refuse(422, [{ loc, msg, type }]);

/** Answers a JSON body that fits the schema, and refuses another with 422. */
export function withBody<T>(schema: z.ZodType<T>, answer: (body: T, request: HttpRequest) => HttpAnswer) {
  return (request: HttpRequest): HttpAnswer => {
    const body = parseJson(request.body);
    if (body === undefined) return unprocessable(["body"], "expected a JSON body", "value_error.jsondecode");
    const result = schema.safeParse(body);
    if (result.success) return answer(result.data, request);
    return refuse(422, result.error.issues.map(detailOf));
  };
}

const detailOf = ({ path, message, code }: z.core.$ZodIssue) => ({
  loc: ["body", ...path],
  msg: message,
  type: `value_error.${code}`,
});

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch {
    return undefined;
  }
}

/** Why a request may not pass; null if its token is good. */
export function refuseBearer({ headers }: HttpRequest): HttpAnswer | null {
  const [, token] = /^Bearer (.+)$/i.exec(headers.authorization ?? "") ?? [];
  if (token === undefined) return refuse(403, "Not authenticated");
  if (verify(token, "access") !== null) return null;
  return { ...refuse(401, "Invalid or expired token"), headers: { "www-authenticate": "Bearer" } };
}
