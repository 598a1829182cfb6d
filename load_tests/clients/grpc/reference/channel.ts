/** Channels of a service: how they connect, and whom they trust. */
import { Channel, ChannelCredentials, compressionAlgorithms } from "@grpc/grpc-js";
import type { Service } from "../../../core/model.ts";
import { secureOptions, type TlsSettings } from "../../tls.ts";
import { addressText, parseAddress } from "../address.ts";
import type { ServiceSettings } from "../resolve.ts";
import { Wires } from "./wires.ts";

/**
 * No retries, no proxy, no bookkeeping: each call is sent once, straight to the service, over connections of our own. A
 * service that went away, also one whose name means another address now, is tried again twice a second.
 */
const USUAL = {
  "grpc.use_local_subchannel_pool": 1,
  "grpc.enable_retries": 0,
  "grpc.enable_channelz": 0,
  "grpc.enable_http_proxy": 0,
  "grpc.service_config_disable_resolution": 1,
  "grpc.initial_reconnect_backoff_ms": 100,
  "grpc.max_reconnect_backoff_ms": 500,
  "grpc.dns_min_time_between_resolutions_ms": 500,
} as const;

/** Makes channels to a service. Throws where its address is none or a file of its TLS is gone. */
export function channelsTo(service: Service): () => Channel {
  const { tls, compression, maxMessageSize } = service.settings as ServiceSettings;
  const address = parseAddress(service.host);
  if (address === null) throw new Error(`${service.name}: expected host:port, found ${service.host}`);
  const options = {
    ...USUAL,
    "grpc.max_receive_message_length": maxMessageSize,
    "grpc.default_compression_algorithm": compressionAlgorithms[compression],
    ...namedAs(tls),
  };
  const secure = address.secure || tls !== null;
  const credentials = secure ? secureCredentials(tls) : ChannelCredentials.createInsecure();
  return () => {
    const wires = new Wires();
    const channel = new Channel(addressText(address), wires.noted(credentials), options);
    const close = () => {
      Channel.prototype.close.call(channel);
      wires.close();
    };
    return Object.assign(channel, { close });
  };
}

function secureCredentials(tls: TlsSettings | null): ChannelCredentials {
  if (tls === null) return ChannelCredentials.createSsl();
  const { secureContext, rejectUnauthorized } = secureOptions(tls);
  return ChannelCredentials.createFromSecureContext(secureContext!, { rejectUnauthorized: rejectUnauthorized ?? true });
}

/** The name that is asked for, and that the certificate must have. */
const namedAs = (tls: TlsSettings | null) =>
  tls === null || tls.serverName === null
    ? {}
    : { "grpc.ssl_target_name_override": tls.serverName, "grpc.default_authority": tls.serverName };
