/** The settings of a stand-in service: latency and faults as dialled in the config's `embedded: {}`. */
import { z } from "zod";
import { duration, share, size } from "./fields.ts";

/** What may become of an answer over HTTP instead of itself. */
export const HTTP_FAULTS = [
  "reset",
  "reset_in_header",
  "reset_in_body",
  "close",
  "garbage",
  "wrong_length",
  "broken_chunk",
  "endless_header",
  "huge_body",
  "slow_body",
  "redirect_loop",
] as const;
export type HttpFault = (typeof HTTP_FAULTS)[number];

/** What may become of a gRPC call instead of its answer. */
export const GRPC_FAULTS = [
  "reset",
  "reset_in_stream",
  "stream_reset",
  "stream_reset_in_stream",
  "goaway",
  "web_page",
  "oversize",
  "half_message",
  "no_status",
  "empty",
  "slow",
  "raised_limit",
] as const;
export type GrpcFault = (typeof GRPC_FAULTS)[number];

const GRPC_STATUSES = [
  ...["CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND", "ALREADY_EXISTS"],
  ...["PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE", "UNIMPLEMENTED"],
  ...["INTERNAL", "UNAVAILABLE", "DATA_LOSS", "UNAUTHENTICATED"],
];

const faultName = z
  .string()
  .regex(
    new RegExp(`^([45]\\d\\d|${HTTP_FAULTS.join("|")})$`),
    `expected a status of 400 to 599 or one of ${HTTP_FAULTS.join(", ")}`,
  );

const grpcFaultName = z
  .string()
  .regex(
    new RegExp(`^([45]\\d\\d|${[...GRPC_STATUSES, ...GRPC_FAULTS].join("|")})$`),
    `expected a status of gRPC such as UNAVAILABLE, one of HTTP (400 to 599) or one of ${GRPC_FAULTS.join(", ")}`,
  );

/** REST services that a stand-in knows. */
const PLAYS = ["todos", "shop", "function"] as const;

export const standInSchema = z.strictObject({
  /** Time of an answer; each is drawn from latency +- jitter, evenly. */
  latency: duration.prefault("20ms"),
  jitter: duration.prefault("5ms"),
  /** Share of calls that fail by status: HTTP 500, gRPC INTERNAL, WebSocket close 1011. */
  error_rate: share.prefault(0),
  /** Share of calls that are answered OK with content that says failure: no transcript, no audio, `type: error`. */
  soft_error_rate: share.prefault(0),
  /** Share of calls refused as too many: HTTP 429, gRPC RESOURCE_EXHAUSTED. */
  limit_rate: share.prefault(0),
  /** Share of calls that are never answered. */
  hang_rate: share.prefault(0),
  /** Of HTTP calls: the share of each fault, by its name or its status, e.g. `{ reset: 1%, 503: 2% }`. */
  faults: z.record(faultName, share).optional(),
  /** Of gateways: counts calls a client and minute, says so in X-RateLimit headers, and refuses what is too many. */
  rate_limits: z.boolean().default(false),
  /** Answers nothing between `at` and `at + for` after its first call, then all that waited. */
  freeze: z.strictObject({ at: duration, for: duration }).optional(),
  /** Is gone between `at` and `at + for` after its first call: resets what is open, and listens no more until then. */
  away: z.strictObject({ at: duration, for: duration }).optional(),
  /** Stops listening, and resets what is open, `dies_after` its first call. */
  dies_after: duration.optional(),
  /** Of REST services: which it is; absent, one that has every path. */
  plays: z.enum(PLAYS).optional(),
  /** Of functions: bytes of inline data that they take at most; more is 413. */
  max_inline: size.prefault("10MB"),
  /** Of models over HTTP: whether answers say how many tokens they have. */
  usage: z.boolean().default(true),
  /** Of models over HTTP: bytes a piece of a stream, wherever an event ends; whole events where absent. */
  write_size: z.int().positive().optional(),
  /** Of WebSockets: how often a message comes unasked, `{"type": "push", "ts": <milliseconds since 1970>}`. */
  push_every: duration.optional(),
});
/** Of gRPC services, whose faults have names of their own. */
export const grpcStandInSchema = standInSchema.extend({
  /** Share of each fault, by its name or its status, e.g. `{ stream_reset: 1%, UNAVAILABLE: 2% }`. */
  faults: z.record(grpcFaultName, share).optional(),
});
export type StandIn = z.output<typeof standInSchema>;

/** What a stand-in is to play. */
export interface TargetSpec {
  readonly name: string;
  readonly kind: "stt" | "tts" | "llm" | "gateway" | "rest" | "websocket" | "grpc" | "openai" | (typeof PLAYS)[number];
  readonly settings: StandIn;
  /** 0 takes a free one. */
  readonly port: number;
  /** Proto files (absolute) for `kind: grpc`. */
  readonly protos: readonly string[];
  readonly includeDirs: readonly string[];
}
