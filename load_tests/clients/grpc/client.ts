/** The gRPC client of one service in one worker: channels that stay open, endpoints compiled once. */
import { type Channel, connectivityState } from "@grpc/grpc-js";
import type { Endpoint, Ms, Service } from "../../core/model.ts";
import type { Client, Op, User } from "../../core/plugin.ts";
import { answerOf } from "./answer.ts";
import { type CallPlan, GrpcCall } from "./call.ts";
import { channelsTo } from "./channel.ts";
import type { EndpointSettings } from "./endpoint.ts";
import { callOfCode, messagesOfCode } from "./from_code.ts";
import { intoJson, intoMessage } from "./json_form.ts";
import { Pieces } from "./pieces.ts";
import { type CallsInFlight, poolGauges } from "./pool.ts";
import { loadProtos, type Method, type Protos, readDescriptors } from "./protos.ts";
import { compileMessages, compileMetadata } from "./requests.ts";
import type { ServiceSettings } from "./resolve.ts";
import { ROLES } from "./roles.ts";

/** Settles when the channel has its first connection, its first failure, or `patience` is over. */
function firstWord(channel: Channel, patience: Ms): Promise<void> {
  return new Promise((done) => {
    AbortSignal.timeout(patience).addEventListener("abort", () => done(), { once: true });
    channel.getConnectivityState(true);
    // Asked to connect once: grpc-js would also connect a channel that was closed.
    const look = () => {
      const state = channel.getConnectivityState(false);
      if (state !== connectivityState.IDLE && state !== connectivityState.CONNECTING) done();
      else channel.watchConnectivityState(state, Number.POSITIVE_INFINITY, look);
    };
    look();
  });
}

export async function openClient(service: Service): Promise<Client> {
  const settings = service.settings as ServiceSettings;
  const open = channelsTo(service);
  const { descriptors, includeDirs } = settings;
  const protos = descriptors === null ? await loadProtos(settings.protos, includeDirs) : readDescriptors(descriptors);
  const lanes = settings.channels === "per_user" ? ownChannels(open) : sharedChannels(open, settings.channels);
  const inFlight: CallsInFlight = { count: 0 };
  const around = { service: service.name, role: ROLES[service.role ?? ""] ?? null, metadata: settings.metadata };
  const shared: Shared = { service, protos, lanes, inFlight };
  const ops = service.endpoints.map((endpoint) => compileOp(endpoint, shared));
  await Promise.all([...lanes.opened].map((channel) => firstWord(channel, service.connectTimeout)));
  return {
    ops,
    compile: (entry) => compileOp(callOfCode(entry, { ...around, protos }), shared),
    release: lanes.release,
    gauges: () => poolGauges(lanes.opened, inFlight),
    close: async () => {
      for (const channel of lanes.opened) channel.close();
    },
  };
}

/** Which channel a user's call goes over. */
interface Lanes {
  /** All that are open. */
  readonly opened: ReadonlySet<Channel>;
  of(user: User): Channel;
  release(user: User): void;
}

/** Channels that all users share; calls take them in turn. */
function sharedChannels(open: () => Channel, count: number): Lanes {
  const channels = Array.from({ length: count }, open);
  let turn = 0;
  return { opened: new Set(channels), of: () => channels[turn++ % count]!, release: () => {} };
}

/** A channel for each user, from the first call to the end of the session. */
function ownChannels(open: () => Channel): Lanes {
  const slot = {};
  const opened = new Set<Channel>();
  return {
    opened,
    of(user) {
      const known = user.slots.get(slot) as Channel | undefined;
      if (known !== undefined) return known;
      const channel = open();
      opened.add(channel);
      user.slots.set(slot, channel);
      return channel;
    },
    release(user) {
      const channel = user.slots.get(slot) as Channel | undefined;
      if (channel === undefined) return;
      user.slots.delete(slot);
      opened.delete(channel);
      channel.close();
    },
  };
}

interface Shared {
  readonly service: Service;
  readonly protos: Protos;
  readonly lanes: Lanes;
  readonly inFlight: CallsInFlight;
}

function compileOp(endpoint: Endpoint, { service, protos, lanes, inFlight }: Shared): Op {
  const settings = endpoint.settings as EndpointSettings;
  const method = protos.methods.get(settings.method)!;
  const { timing } = settings;
  const field = protos.messages.get(settings.answer)?.field.find(({ name }) => name === timing?.content);
  const plan: CallPlan = {
    path: method.path,
    stream: method.responseStream,
    decode: decoderOf(method, intoJson(protos)(settings.answer)),
    contentField: field?.number ?? null,
    content: timing?.content ?? null,
    interval: settings.interval,
    connectTimeout: service.connectTimeout,
    maxMessageSize: (service.settings as ServiceSettings).maxMessageSize,
    inFlight,
  };
  const fill = intoMessage(protos)(settings.request);
  const encode = fill === null ? method.requestSerialize : (message: object) => method.requestSerialize(fill(message));
  const messages = endpoint.keepsBody
    ? messagesOfCode(settings, protos, encode)
    : compileMessages(settings.messages, encode);
  const metadata = compileMetadata(settings.metadata);
  return {
    name: endpoint.name,
    method: endpoint.method,
    endpoint,
    ...(settings.deadline === null ? {} : { timeout: settings.deadline }),
    timeoutStatus: "DEADLINE_EXCEEDED",
    firstItem: timing && { name: timing.firstItem, unit: "ms" },
    gap: timing && { name: timing.gap, unit: "ms" },
    start: (user, values, call) => {
      const outgoing = { messages: messages(values), metadata: metadata(values, call.timeout) };
      call.show?.(() => outgoing.messages.map((each) => messageText(method, each)).join("\n"));
      new GrpcCall(plan, call, lanes.of(user)).start(outgoing);
    },
  };
}

/** A message that goes out, as JSON; bytes as base64. */
function messageText({ requestDeserialize: decode }: Method, message: Buffer): string {
  const pieces = new Pieces();
  pieces.add(message);
  return answerOf({ status: "", pieces, headers: [], decode, stream: false, content: null }).text();
}

const decoderOf = ({ responseDeserialize }: Method, form: ((message: object) => unknown) | null) =>
  form === null ? responseDeserialize : (bytes: Buffer) => form(responseDeserialize(bytes));
