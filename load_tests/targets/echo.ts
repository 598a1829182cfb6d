/** A WebSocket service on every path that sends each message back as it came. */
import type { WebSocket } from "ws";
import type { Ms } from "../core/model.ts";
import type { StandIn } from "../core/standin.ts";
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

/** Sends messages that nobody asked for, for as long as the socket is open. */
function pushTo(socket: WebSocket, behaviour: Behaviour, every: Ms): void {
  behaviour.after(every, () => {
    if (socket.readyState !== socket.OPEN) return;
    socket.send(JSON.stringify({ type: "push", ts: Date.now() }));
    pushTo(socket, behaviour, every);
  });
}

export function echo(behaviour: Behaviour, { push_every = 0 }: Pick<StandIn, "push_every"> = {}): Service {
  const service = httpService(behaviour, ({ path }) =>
    path === "/health"
      ? { status: 200, body: { status: "healthy" } }
      : { status: 426, body: { error: "Upgrade Required" }, headers: { upgrade: "websocket" } },
  );
  converse(service.server, behaviour, {
    accepts: () => true,
    reply: (frame, fate) => (fate === "ok" ? { data: frame } : failed(frame)),
    opened: (socket) => {
      if (push_every > 0) pushTo(socket, behaviour, push_every);
    },
  });
  return service;
}
