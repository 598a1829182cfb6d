/** A REST service that has every path: it answers what it was asked. */
import type { Behaviour } from "./behaviour.ts";
import { type HttpAnswer, type HttpRequest, httpService, type Respond } from "./http_service.ts";
import type { Service } from "./listener.ts";

const RETRY_AFTER_SECONDS = 1;

function answerOf({ method, path, body }: HttpRequest): HttpAnswer {
  if (path === "/health") return { status: 200, body: { status: "healthy" } };
  return { status: 200, body: { ok: true, method, path, received: body.length } };
}

/** Answers by a function where the call is to go well. */
export const respondBy =
  (answer: (request: HttpRequest) => HttpAnswer): Respond =>
  (request, fate) => {
    switch (fate) {
      case "ok":
        return answer(request);
      case "soft-error":
        return { status: 200, body: { ok: false, type: "error", message: "The stand-in failed softly" } };
      case "error":
        return { status: 500, body: { ok: false, error: "Internal Server Error" } };
      case "limited":
        return {
          status: 429,
          body: { ok: false, error: "Too Many Requests" },
          headers: { "retry-after": String(RETRY_AFTER_SECONDS) },
        };
    }
  };

export const rest = (behaviour: Behaviour): Service => httpService(behaviour, respondBy(answerOf));
