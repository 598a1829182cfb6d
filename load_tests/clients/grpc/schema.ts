/** A gRPC service as written in the config. */
import { z } from "zod";
import { driver, duration, enabledEntry, size, tags, textMap, weight } from "../../core/fields.ts";
import { grpcStandInSchema } from "../../core/standin.ts";
import { tlsSchema } from "../tls.ts";
import { ROLE_NAMES } from "./roles.ts";

const message = z.record(z.string(), z.unknown());

export const callSchema = z.strictObject({
  /** `package.Service/Method` or `package.Service.Method`. */
  method: z.string().min(1),
  name: z.string().min(1).optional(),
  weight: weight.default(1),
  tags: tags.optional(),
  /** Fields as in the proto; bytes are base64 text or `{file: path}`, with `from` and `to` (bytes) a slice of it. */
  message: message.optional(),
  /** What a stream sends, one after the other; it may be nothing. */
  messages: z.array(message).optional(),
  /** How often a stream sends `message`. */
  count: z.int().positive().optional(),
  /** Time from the start of one message of a stream to the next. */
  interval: duration.optional(),
  metadata: textMap.default({}),
  /** The call's own timeout. */
  deadline: duration.optional(),
  checks: z.array(z.string()).optional(),
});
export type RawCall = z.output<typeof callSchema>;

export const grpcSchema = z.strictObject({
  host: z.string().min(1),
  weight: weight.default(1),
  enabled: z.boolean().default(true),
  /** What the service is, where its name does not say it. */
  role: z.enum(ROLE_NAMES).optional(),
  /** Methods of the role and their weights, in place of the role's usual ones. */
  methods: z.record(z.string(), weight).optional(),
  proto: z.union([z.string().min(1), z.array(z.string().min(1)).min(1)]).optional(),
  /** Asks the service itself for its methods and messages, by gRPC server reflection, in place of proto files. */
  reflection: z.boolean().default(false),
  include_dirs: z.array(z.string().min(1)).default([]),
  calls: z
    .array(callSchema.extend({ enabled: enabledEntry }))
    .min(1)
    .optional(),
  /** Sent with every call. */
  metadata: textMap.default({}),
  /**
   * Connections of each worker, shared by its users: calls take the next in turn, but a call that begins as another ends
   * takes that one's. Or one for each user.
   */
  channels: z.union([z.int().positive().max(1000), z.literal("per_user")]).default(1),
  driver: driver.optional(),
  /** Calls go over TLS, as they do to grpcs://. */
  tls: tlsSchema.optional(),
  /** How messages are sent; answers are taken in any way. */
  compression: z.enum(["identity", "gzip", "deflate"]).default("identity"),
  /** Bytes of one message of an answer; a larger one makes the call invalid. */
  max_message_size: size.default(64 * 1024 * 1024),
  timeout: duration.default(30_000),
  connect_timeout: duration.default(10_000),
  wait_for_ready: duration.default(30_000),
  embedded: grpcStandInSchema.prefault({}),
});
export type RawService = z.output<typeof grpcSchema>;
