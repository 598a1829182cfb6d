/** Whether a gRPC service is there: by the health protocol, else the role's own HealthCheck, else by the connection. */
import { Channel, ChannelCredentials, Metadata, status as Status, type StatusObject } from "@grpc/grpc-js";
import { service as health } from "grpc-health-check";
import type { Service } from "../../core/model.ts";
import { addressText, parseAddress } from "./address.ts";
import type { EndpointSettings } from "./endpoint.ts";
import { channelsTo } from "./reference/channel.ts";
import { KNOWN_METHODS } from "./roles.ts";
import { endingOf } from "./status.ts";

const CHECK = health.Check!;
const UNASKED = { answered: false, maxMessageSize: Number.NaN };

interface Reply {
  readonly status: StatusObject;
  readonly message: Buffer | null;
}

/** Rejects with a sentence that says where it looked and what it met. */
export async function probe(service: Service, signal: AbortSignal): Promise<void> {
  const channel = channelsTo(service)();
  const fail = (why: string): never => {
    throw new Error(`${service.name} at ${service.host} is not ready: ${why}`);
  };
  try {
    const { status, message } = await ask(channel, CHECK.path, signal);
    if (status.code === Status.OK && message !== null) {
      const { status: said } = CHECK.responseDeserialize(message) as { status?: string };
      if (said !== "SERVING") fail(`its health check says ${said}`);
    } else if (status.code === Status.UNIMPLEMENTED)
      await ownHealth(service, (path) => ask(channel, path, signal), fail);
    else if (!isThere(status)) fail(endingOf(status, UNASKED).message);
  } finally {
    channel.close();
  }
}

/**
 * Whether a server speaks gRPC in the clear at host:port, or something else, e.g. HTTP/1.1. Rejects with a sentence
 * where nobody takes the connection.
 */
export async function speaksGrpc(address: string, signal: AbortSignal): Promise<boolean> {
  const parsed = parseAddress(address);
  if (parsed === null) throw new Error(`expected host:port, found ${address}`);
  const channel = new Channel(addressText(parsed), ChannelCredentials.createInsecure(), {
    "grpc.use_local_subchannel_pool": 1,
    "grpc.enable_http_proxy": 0,
    "grpc.service_config_disable_resolution": 1,
  });
  try {
    const { status } = await ask(channel, CHECK.path, signal);
    if (NOBODY.test(status.details))
      throw new Error(`nobody answers at ${address}: ${endingOf(status, UNASKED).message}`);
    return !OTHER.test(status.details) && isThere(status);
  } finally {
    channel.close();
  }
}

const NOBODY = /E(CONNREFUSED|HOSTUNREACH|NETUNREACH)|Name resolution failed/;
/** grpc-js's words for a peer of another protocol. */
const OTHER = /^No connection established|^Received HTTP status code|without gRPC status\)$|^Received message larger/;

/** Any word from the service shows that it is there; its HealthCheck may say that it is not healthy. */
async function ownHealth(service: Service, call: (path: string) => Promise<Reply>, fail: (why: string) => never) {
  const names = service.endpoints.map(({ settings }) => (settings as EndpointSettings).method);
  const known = KNOWN_METHODS.find(({ method }) => names.includes(method))?.method;
  if (known === undefined) return;
  const { status, message } = await call(`/${known.slice(0, known.indexOf("/"))}/HealthCheck`);
  if (!isThere(status)) fail(endingOf(status, UNASKED).message);
  if (status.code === Status.OK && message !== null && !saysHealthy(message))
    fail("its HealthCheck says healthy: false");
}

/** `healthy` is field 1 of each role's answer, and a false one is not sent. */
const saysHealthy = (message: Buffer): boolean => message[0] === 0x08 && message[1] === 1;

const ANSWERING = new Set<number>([
  Status.OK,
  Status.UNIMPLEMENTED,
  Status.UNAUTHENTICATED,
  Status.PERMISSION_DENIED,
  Status.RESOURCE_EXHAUSTED,
  Status.NOT_FOUND,
  Status.UNKNOWN,
]);
const isThere = ({ code }: StatusObject): boolean => ANSWERING.has(code);

/** Calls a method with an empty message. */
function ask(channel: Channel, path: string, signal: AbortSignal): Promise<Reply> {
  return new Promise((done) => {
    const call = channel.createCall(path, Number.POSITIVE_INFINITY, null, null, null);
    const stop = () => call.cancelWithStatus(Status.DEADLINE_EXCEEDED, "no answer in time");
    let message: Buffer | null = null;
    signal.addEventListener("abort", stop, { once: true });
    call.start(new Metadata(), {
      onReceiveMetadata: () => {},
      onReceiveMessage: (bytes: Buffer) => {
        message = bytes;
      },
      onReceiveStatus: (status) => {
        signal.removeEventListener("abort", stop);
        done({ status, message });
      },
    });
    call.startRead();
    call.sendMessageWithContext({}, Buffer.alloc(0));
    call.halfClose();
    if (signal.aborted) stop(); // a call that is cancelled before it started never says so
  });
}
