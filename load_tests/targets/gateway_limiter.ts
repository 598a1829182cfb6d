/** The gateway's limiter: one count of calls a client and minute, which each path holds against a limit of its own. */
import type { HttpAnswer, HttpRequest } from "./http_service.ts";

const MINUTE = 60_000;
const DEFAULT_LIMIT = 60;
const LIMITS: Readonly<Record<string, number>> = {
  "/api/v1/llm/generate": 10,
  "/api/v1/tts/speak": 20,
  "/api/v1/audio/transcribe": 20,
  "/chat": 30,
};

/** A client's minute under way; times are of `Date.now`. */
interface Window {
  readonly ends: number;
  calls: number;
}

export const limitOf = (path: string): number => LIMITS[path] ?? DEFAULT_LIMIT;

/** What a limiter says of an answer; `reset` is in Unix seconds. */
export const limitHeaders = (limit: number, calls: number, reset: number): Record<string, string> => ({
  "x-ratelimit-limit": String(limit),
  "x-ratelimit-remaining": String(Math.max(0, limit - calls)),
  "x-ratelimit-reset": String(reset),
});

export function tooMany(limit: number, retryAfter: number): HttpAnswer {
  const reset = Math.ceil(Date.now() / 1000) + retryAfter;
  return {
    status: 429,
    body: { error: "rate_limit_exceeded", message: "Rate limit exceeded", retry_after: retryAfter },
    headers: { "retry-after": String(retryAfter), ...limitHeaders(limit, limit, reset) },
  };
}

/** The first address of X-Forwarded-For; all others are one client. */
const clientOf = ({ headers }: HttpRequest): string =>
  String(headers["x-forwarded-for"] ?? "")
    .split(",")[0]!
    .trim();

/** Counts calls; gives an answer its headers, or a 429 in its place. The call's work is done either way. */
export function createLimiter(): (request: HttpRequest, answer: HttpAnswer) => HttpAnswer {
  const windows = new Map<string, Window>();
  return (request, answer) => {
    const now = Date.now();
    const client = clientOf(request);
    const known = windows.get(client);
    const window = known !== undefined && known.ends > now ? known : { ends: now + MINUTE, calls: 0 };
    windows.set(client, window);
    window.calls++;
    const limit = limitOf(request.path);
    if (window.calls > limit) return tooMany(limit, Math.ceil((window.ends - now) / 1000));
    const reset = Math.ceil(window.ends / 1000);
    return { ...answer, headers: { ...answer.headers, ...limitHeaders(limit, window.calls, reset) } };
  };
}
