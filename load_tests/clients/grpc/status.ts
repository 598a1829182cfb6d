/** What a gRPC status means for a load test: DESIGN's outcomes, and who said it, the service or our own side. */
import { status as Status, type StatusObject } from "@grpc/grpc-js";
import type { Outcome } from "../../core/model.ts";

/** How a call ended. `message` is empty where it was ok. */
export interface Ending {
  readonly outcome: Outcome;
  readonly status: string;
  readonly message: string;
}

const NAMES = new Map(
  Object.entries(Status).flatMap(([name, code]) => (typeof code === "number" ? [[code, name]] : [])),
);

const OUTCOMES: Readonly<Record<number, Outcome>> = {
  [Status.OK]: "ok",
  [Status.CANCELLED]: "client-error",
  [Status.INVALID_ARGUMENT]: "client-error",
  [Status.DEADLINE_EXCEEDED]: "timeout",
  [Status.NOT_FOUND]: "client-error",
  [Status.ALREADY_EXISTS]: "client-error",
  [Status.PERMISSION_DENIED]: "client-error",
  [Status.RESOURCE_EXHAUSTED]: "limited",
  [Status.FAILED_PRECONDITION]: "client-error",
  [Status.OUT_OF_RANGE]: "client-error",
  [Status.UNIMPLEMENTED]: "client-error",
  [Status.UNAUTHENTICATED]: "client-error",
};

/** Codes of system errors that say that this machine can open no more connections. */
const MACHINE_LIMITS = /\b(EMFILE|ENFILE|EADDRNOTAVAIL|ENOBUFS|ENOMEM)\b/;

/** What a system error met while connecting means: our machine's limit, or that nobody took the connection. */
export const connectOutcome = (text: string): Outcome => (MACHINE_LIMITS.test(text) ? "unsent" : "refused");

/** grpc-js's own words for a connection that never came. */
const NO_CONNECTION =
  /^(No connection established|Name resolution failed|No addresses resolved|Failed to start HTTP\/2 stream)/;

/** Its words for what else happened on our side of the wire. */
const LOCAL: readonly (readonly [RegExp, Outcome])[] = [
  [/^(Connection dropped|Call cancelled$|Write failed with error|(read|write) E[A-Z]+)/, "reset"],
  [/triggered by internal client error: (Session closed with error code|(read|write) E[A-Z]+)/, "reset"],
  // The words of nghttp2 for frames that make no sense.
  [/triggered by internal client error/, "invalid"],
  // A stream that ended before its status, also with a connection that a GOAWAY announced to go.
  [/\(Call ended without gRPC status\)$/, "reset"],
  [/^(Failed to decompress|Received compressed message|Received message compressed with)/, "invalid"],
];

/** Its words for what a proxy or a server of another kind said. */
const HTTP: typeof LOCAL = [
  [/^Received HTTP status code 429$/, "limited"],
  [/^Received HTTP status code 4\d\d$/, "client-error"],
  [/^Received HTTP status code [123]\d\d$/, "invalid"],
];

/** Interceptors of Python services that raise a limit arrive as UNKNOWN with the limit in the text. */
const RATE_LIMIT = /\brate.?limit|too many requests|RESOURCE_EXHAUSTED/i;

const nameOf = (code: number | undefined): string => NAMES.get(code ?? Status.INTERNAL) ?? `CODE_${code}`;

/** A status that a server sends in place of an answer brings its headers along; one made on our side brings nothing. */
const isBare = ({ metadata }: StatusObject): boolean => Object.keys(metadata?.getMap() ?? {}).length === 0;

export const OK: Ending = { outcome: "ok", status: "OK", message: "" };

/** grpc-js's words for a message larger than it may take. */
const TOO_LARGE =
  /^Received message (?:larger than max \((\d+) vs (\d+)\)|that decompresses to a size larger than (\d+))/;

/** grpc-js ends such a call without code and words. */
export const UNREADABLE = "the answer is compressed in a way that its headers do not name, or that is unknown";

/** What is known of the call beside its status. */
export interface Circumstances {
  /** Whether headers of an answer came before the status. */
  readonly answered: boolean;
  /** Bytes of a message that we take. */
  readonly maxMessageSize: number;
}

export function endingOf(status: StatusObject, { answered, maxMessageSize }: Circumstances): Ending {
  if (status.code === Status.OK) return OK;
  const details = status.details ?? "";
  const end = (outcome: Outcome): Ending => ({ outcome, status: nameOf(status.code), message: tidy(details) });
  if (!answered && isBare(status) && NO_CONNECTION.test(details)) return end(connectOutcome(details));
  if ((status.code as Status | undefined) === undefined) return { ...end("invalid"), message: UNREADABLE };
  const [, bytes, limit, limitOfZipped] = (isBare(status) && TOO_LARGE.exec(details)) || [];
  if (Number(limit ?? limitOfZipped) === maxMessageSize)
    return { ...end("invalid"), message: tooLarge(bytes, maxMessageSize) };
  const local = [...HTTP, ...(isBare(status) ? LOCAL : [])].find(([words]) => words.test(details));
  if (local !== undefined) return end(local[1]);
  return { ...saidEnding(status.code, details), message: tidy(details) };
}

/** What a service says of a call by its own status. */
export function saidEnding(code: number, details: string): Ending {
  if (code === Status.OK) return OK;
  const isLimit = code === Status.UNKNOWN && RATE_LIMIT.test(details);
  const outcome = isLimit ? "limited" : (OUTCOMES[code] ?? "server-error");
  return { outcome, status: nameOf(code), message: details };
}

export const tooLarge = (bytes: string | undefined, limit: number): string =>
  `the answer has a message ${bytes === undefined ? "" : `of ${bytes} bytes, `}larger than max_message_size, ${limit} bytes`;

/** One message for one kind of failure: without the time of day that grpc-js puts into it. */
const tidy = (details: string): string =>
  details
    .replace(/^No connection established\. Last error: (?:Error: )?(.*?)\. Resolution note: ?.*$/s, "no connection: $1")
    .replace(/ \(\d{4}-\d\d-\d\dT[\d:.]+Z\)/g, "");

/** HTTP statuses of servers that are none of gRPC (gRPC: HTTP to gRPC Status Code Mapping); others are UNKNOWN. */
const HTTP_CODES: Readonly<Record<number, Status>> = {
  400: Status.INTERNAL,
  401: Status.UNAUTHENTICATED,
  403: Status.PERMISSION_DENIED,
  404: Status.UNIMPLEMENTED,
  429: Status.UNAVAILABLE,
  502: Status.UNAVAILABLE,
  503: Status.UNAVAILABLE,
  504: Status.UNAVAILABLE,
};

/** What an answer without a gRPC status says by that of HTTP. */
export function endingByHttp(http: number): Ending {
  const message = `Received HTTP status code ${http}`;
  const code = HTTP_CODES[http] ?? Status.UNKNOWN;
  const [, outcome] = HTTP.find(([words]) => words.test(message)) ?? [];
  return { outcome: outcome ?? OUTCOMES[code] ?? "server-error", status: nameOf(code), message };
}
