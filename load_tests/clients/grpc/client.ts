/** The gRPC client of one service in one worker: channels that stay open, endpoints compiled once. */
import type { Endpoint, Service } from "../../core/model.ts";
import type { Client, Op } from "../../core/plugin.ts";
import { GrpcAnswer } from "./answer.ts";
import type { CallPlan, Driver, Source } from "./driver.ts";
import type { EndpointSettings } from "./endpoint.ts";
import { fastDriver } from "./fast/driver.ts";
import { callOfCode, messagesOfCode } from "./from_code.ts";
import { intoJson, intoMessage } from "./json_form.ts";
import { Pieces } from "./pieces.ts";
import { type CallsInFlight, poolGauges } from "./pool.ts";
import { loadProtos, type Method, type Protos, readDescriptors } from "./protos.ts";
import { referenceDriver } from "./reference/driver.ts";
import { compileMessages } from "./requests.ts";
import type { ServiceSettings } from "./resolve.ts";
import { ROLES } from "./roles.ts";

export async function openClient(service: Service): Promise<Client> {
  const settings = service.settings as ServiceSettings;
  const { descriptors, includeDirs } = settings;
  const protos = descriptors === null ? await loadProtos(settings.protos, includeDirs) : readDescriptors(descriptors);
  const driver = service.driver === "reference" ? referenceDriver(service) : fastDriver(service);
  const inFlight: CallsInFlight = { count: 0 };
  const around = { service: service.name, role: ROLES[service.role ?? ""] ?? null, metadata: settings.metadata };
  const shared: Shared = { service, protos, driver, inFlight };
  const ops = service.endpoints.map((endpoint) => compileOp(endpoint, shared));
  await driver.opened(service.connectTimeout);
  return {
    ops,
    compile: (entry) => compileOp(callOfCode(entry, { ...around, protos }), shared),
    release: (user) => driver.release(user),
    gauges: () => poolGauges(driver.states(), inFlight),
    close: async () => driver.close(),
  };
}

interface Shared {
  readonly service: Service;
  readonly protos: Protos;
  readonly driver: Driver;
  readonly inFlight: CallsInFlight;
}

function compileOp(endpoint: Endpoint, shared: Shared): Op {
  const { timing, deadline } = endpoint.settings as EndpointSettings;
  return {
    name: endpoint.name,
    method: endpoint.method,
    endpoint,
    ...(deadline === null ? {} : { timeout: deadline }),
    timeoutStatus: "DEADLINE_EXCEEDED",
    cutStatus: "CANCELLED",
    firstItem: timing && { name: timing.firstItem, unit: "ms" },
    gap: timing && { name: timing.gap, unit: "ms" },
    extra: shared.driver.metrics,
    start: shared.driver.compile(planOf(endpoint, shared), sourceOf(endpoint, shared)),
  };
}

function planOf({ settings }: Endpoint, { service, protos, inFlight }: Shared): CallPlan {
  const { method: name, answer, timing, interval } = settings as EndpointSettings;
  const method = protos.methods.get(name)!;
  makeReader(method);
  const field = protos.messages.get(answer)?.field.find((each) => each.name === timing?.content);
  return {
    path: method.path,
    stream: method.responseStream,
    decode: decoderOf(method, intoJson(protos)(answer)),
    contentField: field?.number ?? null,
    content: timing?.content ?? null,
    interval,
    connectTimeout: service.connectTimeout,
    maxMessageSize: (service.settings as ServiceSettings).maxMessageSize,
    inFlight,
  };
}

function sourceOf(endpoint: Endpoint, { protos }: Shared): Source {
  const settings = endpoint.settings as EndpointSettings;
  const method = protos.methods.get(settings.method)!;
  const fill = intoMessage(protos)(settings.request);
  const encode = fill === null ? method.requestSerialize : (message: object) => method.requestSerialize(fill(message));
  return {
    metadata: settings.metadata,
    text: (messages) => messages.map((each) => messageText(method, each)).join("\n"),
    messages: (wrap) => {
      const wrapped = (message: object) => wrap(encode(message));
      return endpoint.keepsBody
        ? messagesOfCode(settings, protos, wrapped)
        : compileMessages(settings.messages, wrapped);
    },
  };
}

/** A message that goes out, as JSON; bytes as base64. */
function messageText({ requestDeserialize: decode }: Method, message: Buffer): string {
  const pieces = new Pieces();
  pieces.add(message);
  const plan = { decode, stream: false, content: null };
  return new GrpcAnswer("", { plan, received: pieces, header: () => undefined }).text();
}

/** protobufjs makes the code that reads a type at its first use, which is then no call's. */
function makeReader({ responseDeserialize }: Method): void {
  try {
    responseDeserialize(Buffer.alloc(0));
  } catch {
    // A message without a field that it must have; the code is made by then.
  }
}

const decoderOf = ({ responseDeserialize }: Method, form: ((message: object) => unknown) | null) =>
  form === null ? responseDeserialize : (bytes: Buffer) => form(responseDeserialize(bytes));
