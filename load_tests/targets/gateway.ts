/** A voice gateway: REST and WebSocket on one port, with tokens where the real one asks for them. */
import { z } from "zod";
import type { Behaviour, Fate } from "./behaviour.ts";
import { converse } from "./conversation.ts";
import { authRoutes } from "./gateway_auth.ts";
import { chatReply, frameReply } from "./gateway_chat.ts";
import { createLimiter, limitOf, tooMany } from "./gateway_limiter.ts";
import { errorReply, ok, type Route, refuse, refuseBearer, timestamp, withBody } from "./gateway_route.ts";
import { voiceRoutes } from "./gateway_voice.ts";
import { type HttpAnswer, type HttpRequest, httpService } from "./http_service.ts";
import type { Service } from "./listener.ts";

const RETRY_AFTER_SECONDS = 1;
const SOFT_MESSAGE = "The stand-in failed softly";

const healthBody = (status: "healthy" | "unhealthy") => ({
  status,
  checks: { nats: status === "healthy", grpc_services: status === "healthy" },
  timestamp: timestamp(),
});

const chatRoute: Route = {
  method: "POST",
  path: "/chat",
  bearer: true,
  answer: withBody(z.unknown(), (message) => ok(chatReply(message))),
};

/** What the gateway tells of itself. */
interface Counters {
  readonly requests: Map<string, number>;
  sockets(): number;
}

const ownRoutes = (counters: Counters): readonly Route[] => [
  {
    method: "GET",
    path: "/health",
    unlimited: true,
    answer: () => ok(healthBody("healthy")),
    soft: () => ok(healthBody("unhealthy")),
  },
  {
    method: "GET",
    path: "/status",
    answer: () =>
      ok({
        service: "gateway",
        version: "0.2.0",
        active_connections: counters.sockets(),
        uptime: "N/A",
        timestamp: timestamp(),
      }),
  },
  { method: "GET", path: "/metrics", unlimited: true, answer: () => ok(metricsText(counters)) },
];

/** Prometheus text. Only routes of the gateway are counted by name, so the list stays short. */
function metricsText({ requests, sockets }: Counters): string {
  const counts = [...requests].map(([labels, count]) => `gateway_requests_total{${labels}} ${count}`);
  return [
    "# TYPE gateway_requests_total counter",
    ...counts,
    "# TYPE gateway_active_connections gauge",
    `gateway_active_connections ${sockets()}`,
    "",
  ].join("\n");
}

function answerRoute(route: Route, request: HttpRequest, fate: Fate): HttpAnswer | Promise<HttpAnswer> {
  if (fate === "limited" && !route.unlimited) return tooMany(limitOf(route.path), RETRY_AFTER_SECONDS);
  if (fate === "error") return failure(route);
  const refusal = route.bearer ? refuseBearer(request) : null;
  if (refusal !== null) return refusal;
  return fate === "soft-error" ? (route.soft?.() ?? ok(errorReply(SOFT_MESSAGE))) : route.answer(request);
}

const failure = ({ path }: Route): HttpAnswer =>
  path === "/health" ? { status: 503, body: healthBody("unhealthy") } : refuse(500, "Internal server error");

/** `limits`: it counts its clients' calls, and turns away what is too many. */
export function gateway(behaviour: Behaviour, limits: boolean): Service {
  const counters: Counters = { requests: new Map(), sockets: () => sockets() };
  const routes = [...authRoutes, ...voiceRoutes, chatRoute, ...ownRoutes(counters)];
  const byPath = new Map(routes.map((route) => [route.path, route]));

  const limit = limits ? createLimiter() : null;

  const service = httpService(behaviour, async (request, fate) => {
    const route = byPath.get(request.path);
    if (route === undefined) return refuse(404, "Not Found");
    if (route.method !== request.method) return refuse(405, "Method Not Allowed");
    const told = await answerRoute(route, request, fate);
    const answer = limit === null || route.unlimited ? told : limit(request, told);
    const labels = `method="${route.method}",endpoint="${route.path}",status="${answer.status}"`;
    counters.requests.set(labels, (counters.requests.get(labels) ?? 0) + 1);
    return answer;
  });
  const sockets = converse(service.server, behaviour, {
    accepts: (path) => /^\/ws\/[^/]+$/.test(path),
    reply: (frame, fate) => (fate === "ok" ? frameReply(frame) : { data: JSON.stringify(errorReply(SOFT_MESSAGE)) }),
  });
  return service;
}
