/** Turns `services.gateway` into a REST service and a WebSocket service of the same name. */
import type { Path } from "./document.ts";
import { CHAT, KNOWN_CALLS, NO_SOFT_ERROR, TOKEN_LOGIN } from "./gateway_paths.ts";

type Raw = Readonly<Record<string, unknown>>;

/** One service as a protocol is to read it. */
export interface Part {
  readonly kind: string;
  readonly raw: Raw;
  /** Where a path of `raw` stands in the file, below the gateway's own key. */
  readonly written: (path: Path) => Path;
}

const BODIES = ["json", "form", "multipart", "body"];

/** The endpoint with the body, checks and login of its path where the file says nothing of them. */
function complete(endpoint: Raw): Raw {
  const method = String(endpoint.method ?? "GET").toUpperCase();
  const path = String(endpoint.path).split("?")[0]!;
  const known = KNOWN_CALLS[`${method} ${path}`];
  if (known === undefined) return endpoint;
  const silent = !BODIES.some((key) => key in endpoint);
  return {
    checks: known.checks,
    ...(known.requiresAuth ? { requires_auth: true } : {}),
    ...(known.query && !String(endpoint.path).includes("?") ? { query: known.query } : {}),
    ...(silent ? known.body : {}),
    ...endpoint,
  };
}

const weightOf = (raw: Raw): number => (typeof raw.weight === "number" ? raw.weight : 1);

function restPart({ auth, ...shared }: Raw, endpoints: readonly Raw[]): Part {
  const completed = endpoints.map(complete);
  const login = auth ?? (completed.some((each) => each.requires_auth === true) ? TOKEN_LOGIN : undefined);
  const weight = endpoints.reduce((sum, each) => sum + weightOf(each), 0);
  return {
    kind: "rest",
    raw: { ...shared, weight, ...(login === undefined ? {} : { auth: login }), endpoints: completed },
    written: ([key, ...rest]) => (key === undefined ? [] : [key === "endpoints" ? "rest_endpoints" : key, ...rest]),
  };
}

/** A message whose reply may be no soft error, where the file says nothing of its checks. */
const watched = (message: unknown): unknown =>
  typeof message !== "object" || message === null || "checks" in message || (message as Raw).reply === "none"
    ? message
    : { ...message, checks: [NO_SOFT_ERROR] };

const messagesOf = ({ messages = CHAT }: Raw): unknown => (Array.isArray(messages) ? messages.map(watched) : messages);

const socketPart = (shared: Raw, socket: Raw): Part => ({
  kind: "websocket",
  raw: { ...shared, ...socket, messages: messagesOf(socket), weight: weightOf(socket) },
  written: ([key, ...rest]) =>
    key === "path" || key === "messages" || key === "weight"
      ? ["websocket", key, ...rest]
      : key === undefined
        ? []
        : [key, ...rest],
});

/** What is said of its HTTP alone. */
const OF_HTTP = ["auth", "proxy", "http2", "driver", "compression"];

/** The parts of a gateway that carry any weight. */
export function gatewayParts(gateway: Raw): Part[] {
  const { rest_endpoints, websocket, ...all } = gateway;
  const shared = Object.fromEntries(Object.entries(all).filter(([key]) => !OF_HTTP.includes(key)));
  const endpoints = (rest_endpoints ?? []) as readonly Raw[];
  const parts: Part[] = [];
  if (endpoints.length > 0) parts.push(restPart(all, endpoints));
  if (websocket !== undefined) parts.push(socketPart(shared, websocket as Raw));
  return parts.filter(({ raw }) => Number(raw.weight) > 0);
}
