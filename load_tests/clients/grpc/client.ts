/** The gRPC client of one service in one worker: channels that stay open, endpoints compiled once. */
import { Channel, ChannelCredentials, connectivityState } from "@grpc/grpc-js";
import type { Endpoint, Ms, Service } from "../../core/model.ts";
import type { Client, Op } from "../../core/plugin.ts";
import { type Address, addressText, parseAddress } from "./address.ts";
import { type CallPlan, GrpcCall } from "./call.ts";
import type { EndpointSettings } from "./endpoint.ts";
import { loadProtos, type Protos } from "./protos.ts";
import { compileMessages, compileMetadata } from "./requests.ts";
import type { ServiceSettings } from "./resolve.ts";
import { MAX_MESSAGE } from "./status.ts";

/** No retries, no proxy, no bookkeeping: each call is sent once, straight to the service, over connections of our own. */
const CHANNEL_OPTIONS = {
  "grpc.use_local_subchannel_pool": 1,
  "grpc.enable_retries": 0,
  "grpc.enable_channelz": 0,
  "grpc.enable_http_proxy": 0,
  "grpc.service_config_disable_resolution": 1,
  "grpc.max_receive_message_length": MAX_MESSAGE,
  "grpc.initial_reconnect_backoff_ms": 100,
  "grpc.max_reconnect_backoff_ms": 500,
} as const;

export const openChannel = (address: Address): Channel =>
  new Channel(
    addressText(address),
    address.secure ? ChannelCredentials.createSsl() : ChannelCredentials.createInsecure(),
    CHANNEL_OPTIONS,
  );

/** Settles when the channel has its first connection, its first failure, or `patience` is over. */
function firstWord(channel: Channel, patience: Ms): Promise<void> {
  return new Promise((done) => {
    AbortSignal.timeout(patience).addEventListener("abort", () => done(), { once: true });
    const look = () => {
      const state = channel.getConnectivityState(true);
      if (state !== connectivityState.IDLE && state !== connectivityState.CONNECTING) done();
      else channel.watchConnectivityState(state, Number.POSITIVE_INFINITY, look);
    };
    look();
  });
}

export async function openClient(service: Service): Promise<Client> {
  const settings = service.settings as ServiceSettings;
  const address = parseAddress(service.host);
  if (address === null) throw new Error(`${service.name}: expected host:port, found ${service.host}`);
  const protos = await loadProtos(settings.protos, settings.includeDirs);
  const channels = Array.from({ length: settings.channels }, () => openChannel(address));
  let turn = 0;
  const next = () => channels[turn++ % channels.length]!;
  const ops = service.endpoints.map((endpoint) => compileOp(endpoint, { service, protos, next }));
  await Promise.all(channels.map((channel) => firstWord(channel, service.connectTimeout)));
  return {
    ops,
    release: () => {},
    close: async () => {
      for (const channel of channels) channel.close();
    },
  };
}

interface Shared {
  readonly service: Service;
  readonly protos: Protos;
  readonly next: () => Channel;
}

function compileOp(endpoint: Endpoint, { service, protos, next }: Shared): Op {
  const settings = endpoint.settings as EndpointSettings;
  const method = protos.methods.get(settings.method)!;
  const { timing } = settings;
  const field = protos.messages.get(settings.answer)?.field.find(({ name }) => name === timing?.content);
  const plan: CallPlan = {
    path: method.path,
    method,
    contentField: field?.number ?? null,
    content: timing?.content ?? null,
    interval: settings.interval,
    connectTimeout: service.connectTimeout,
  };
  const messages = compileMessages(settings.messages, method.requestSerialize);
  const metadata = compileMetadata(settings.metadata);
  return {
    name: endpoint.name,
    method: endpoint.method,
    endpoint,
    ...(settings.deadline === null ? {} : { timeout: settings.deadline }),
    firstItem: timing && { name: timing.firstItem, unit: "ms" },
    gap: timing && { name: timing.gap, unit: "ms" },
    start: (_user, values, call) => {
      const outgoing = { messages: messages(values), metadata: metadata(values, call.timeout) };
      new GrpcCall(plan, call, next()).start(outgoing);
    },
  };
}
