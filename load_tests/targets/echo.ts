/** A WebSocket service on every path that sends each message back as it came. */
import type { Behaviour } from "./behaviour.ts";
import { converse, type Frame, type Reply } from "./conversation.ts";
import { httpService } from "./http_service.ts";
import type { Service } from "./listener.ts";

/** The fields of a JSON message come back beside the error, so that a reply is still matched by its id. */
function failed(frame: Frame): Reply {
  const error = { type: "error", message: "The stand-in failed softly" };
  return { data: JSON.stringify({ ...fieldsOf(frame), ...error }) };
}

function fieldsOf(frame: Frame): object {
  try {
    const value: unknown = JSON.parse(frame.toString());
    return typeof value === "object" && value !== null && !Array.isArray(value) ? value : {};
  } catch {
    return {};
  }
}

export function echo(behaviour: Behaviour): Service {
  const service = httpService(behaviour, ({ path }) =>
    path === "/health"
      ? { status: 200, body: { status: "healthy" } }
      : { status: 426, body: { error: "Upgrade Required" }, headers: { upgrade: "websocket" } },
  );
  converse(service.server, behaviour, {
    accepts: () => true,
    reply: (frame, fate) => (fate === "ok" ? { data: frame } : failed(frame)),
  });
  return service;
}
