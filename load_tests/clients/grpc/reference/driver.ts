/** Calls over grpc-js. */
import { type Channel, connectivityState } from "@grpc/grpc-js";
import type { Ms, Service } from "../../../core/model.ts";
import type { Driver } from "../driver.ts";
import { lanesOf } from "../lanes.ts";
import type { ChannelState } from "../pool.ts";
import { compileMetadata } from "../requests.ts";
import type { ServiceSettings } from "../resolve.ts";
import { GrpcCall } from "./call.ts";
import { channelsTo } from "./channel.ts";

/** Throws where the service's address is none or a file of its TLS is gone. */
export function referenceDriver(service: Service): Driver {
  const lanes = lanesOf((service.settings as ServiceSettings).channels, channelsTo(service));
  return {
    metrics: [],
    compile(plan, source) {
      const messages = source.messages((bytes) => bytes);
      const metadata = compileMetadata(source.metadata);
      return (user, values, call) => {
        const outgoing = { messages: messages(values), metadata: metadata(values, call.timeout) };
        call.show?.(() => source.text(outgoing.messages));
        new GrpcCall(plan, call, lanes.of(user)).start(outgoing);
      };
    },
    states: () => [...lanes.opened].map((channel) => stateOf(channel)),
    opened: (patience) => Promise.all([...lanes.opened].map((channel) => firstWord(channel, patience))),
    release: lanes.release,
    close: () => {
      for (const channel of lanes.opened) channel.close();
    },
  };
}

function stateOf(channel: Channel): ChannelState {
  const state = channel.getConnectivityState(false);
  if (state === connectivityState.READY) return "ready";
  if (state === connectivityState.CONNECTING) return "connecting";
  return state === connectivityState.TRANSIENT_FAILURE ? "failing" : "idle";
}

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
