/** Small protocols and criteria for the tests of the config: they implement the plug-in interfaces and open nothing. */
import { z } from "zod";
import { duration, textMap, weight } from "../core/fields.ts";
import type { Endpoint, Service } from "../core/model.ts";
import { type Criterion, defineCriterion, defineProtocol, type Protocol, type Resolver } from "../core/plugin.ts";
import { standInSchema } from "../core/standin.ts";

const shared = {
  host: z.string().min(1),
  weight: weight.default(1),
  enabled: z.boolean().default(true),
  timeout: duration.prefault("30s"),
  connect_timeout: duration.prefault("10s"),
  wait_for_ready: duration.prefault("30s"),
  embedded: standInSchema.prefault({}),
};
type Shared = { [Key in keyof typeof shared]: z.output<(typeof shared)[Key]> };

function serviceOf(
  name: string,
  protocol: string,
  { raw, endpoints, settings }: { raw: Shared; endpoints: Endpoint[]; settings: unknown },
): Service {
  return {
    name,
    protocol,
    role: null,
    host: raw.host,
    embedded: raw.host === "embedded",
    standIn: raw.embedded,
    weight: raw.weight,
    timeout: raw.timeout,
    connectTimeout: raw.connect_timeout,
    waitForReady: raw.wait_for_ready,
    endpoints,
    settings,
  };
}

const unused = {
  open: (): never => {
    throw new Error("a fixture opens nothing");
  },
  probe: () => Promise.resolve(),
};

const rest = defineProtocol({
  ...unused,
  kind: "rest",
  testType: "rest",
  schema: z.strictObject({
    ...shared,
    headers: textMap.default({}),
    auth: z.strictObject({ bearer: z.string().optional(), login: z.unknown().optional() }).optional(),
    endpoints: z.array(
      z.strictObject({
        path: z.string(),
        method: z.enum(["GET", "POST", "PUT", "DELETE"]).default("GET"),
        name: z.string().optional(),
        weight: weight.default(1),
        requires_auth: z.boolean().default(false),
        query: textMap.default({}),
        headers: textMap.default({}),
        json: z.unknown().optional(),
        multipart: z.unknown().optional(),
        body_file: z.string().optional(),
        checks: z.array(z.string()).default([]),
      }),
    ),
  }),
  resolve(name, raw, at) {
    const endpoints = raw.endpoints.map((each, index): Endpoint => {
      at.templates(["endpoints", index], each);
      if (each.body_file !== undefined) at.file(["endpoints", index, "body_file"], each.body_file);
      const checks = at.checks(["endpoints", index, "checks"], each.checks);
      return {
        name: each.name ?? `${each.method} ${each.path}`,
        method: each.method,
        weight: each.weight,
        checks,
        settings: each,
      };
    });
    return serviceOf(name, "rest", { raw, endpoints, settings: { headers: raw.headers, auth: raw.auth ?? null } });
  },
});

const METHODS: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  stt: { Recognize: 2, RecognizeStream: 1 },
  tts: { Synthesize: 1 },
};
const LLM = { Generate: 2, GenerateStream: 1 };

const grpc = defineProtocol({
  ...unused,
  kind: "grpc",
  testType: "grpc",
  schema: z.strictObject({
    ...shared,
    methods: z.record(z.string(), weight).optional(),
    metadata: textMap.default({}),
    channels: z.int().positive().default(1),
  }),
  resolve(name, raw, at) {
    at.templates(["metadata"], raw.metadata);
    const methods = Object.entries(raw.methods ?? METHODS[name] ?? LLM);
    const endpoints = methods.map(
      ([method, each]): Endpoint => ({
        name: `${name}.${method}`,
        method: "grpc",
        weight: each,
        checks: [],
        settings: {},
      }),
    );
    return serviceOf(name, "grpc", { raw, endpoints, settings: { channels: raw.channels, metadata: raw.metadata } });
  },
});

const websocket = defineProtocol({
  ...unused,
  kind: "websocket",
  testType: "websocket",
  schema: z.strictObject({
    ...shared,
    path: z.string().default("/"),
    headers: textMap.default({}),
    messages: z
      .array(
        z.strictObject({
          send: z.unknown(),
          reply: z.unknown().default("next"),
          weight: weight.default(1),
          checks: z.array(z.string()).default([]),
        }),
      )
      .min(1),
  }),
  resolve(name, raw, at: Resolver) {
    const endpoints = raw.messages.map((each, index): Endpoint => {
      at.templates(["messages", index], each, ["sent"]);
      return {
        name: `${name} message`,
        method: "WS",
        weight: each.weight,
        checks: at.checks(["messages", index, "checks"], each.checks),
        settings: each,
      };
    });
    return serviceOf(name, "websocket", { raw, endpoints, settings: { path: raw.path } });
  },
});

export const protocols: readonly Protocol[] = [grpc, rest, websocket];

const criterionOf = (kind: string, example: string, pattern: RegExp) =>
  defineCriterion<{ sentence: string }>({
    kind,
    example,
    parse: (sentence) => (pattern.test(sentence) ? { sentence } : null),
    judge: () => [],
  });

export const criteria: readonly Criterion[] = [
  {
    ...criterionOf("percentile", "p95 < 2s", /^(p[\d.]+|mean|max) < \d+m?s$/),
    vain: ({ sentence }) =>
      sentence.startsWith("max < 99") ? { why: "nothing lasts so long", slip: sentence.endsWith("ms") } : null,
  },
  criterionOf("errors", "error_rate < 1%", /^error_rate < [\d.]+%$/),
  {
    ...criterionOf("throughput", "throughput >= 190/s", /^throughput >= [\d.]+(\/s|% of offered|x baseline)$/),
    unfit: ({ sentence }: { sentence: string }, { flows }) =>
      sentence.endsWith("offered") && flows.every(({ drive }) => drive === "users") ? "users have no offer" : null,
  },
  {
    ...criterionOf("recovery", "recovery < 30s", /^recovery < \d+s$/),
    unfit: (_: unknown, { roles }) => (roles === null ? "no phase is named as the one after the stress" : null),
  },
];
