/** What a client's channels are doing, for the report's resources. */
import { type Channel, connectivityState } from "@grpc/grpc-js";

/** Counts the calls of one client that have begun and not ended. */
export interface CallsInFlight {
  count: number;
}

const { READY, CONNECTING, IDLE, TRANSIENT_FAILURE } = connectivityState;

/** Channels by their state, and calls in flight, by the names of resources. */
export function poolGauges(channels: Iterable<Channel>, { count }: CallsInFlight): Record<string, number> {
  const states = [...channels].map((channel) => channel.getConnectivityState(false));
  const of = (state: connectivityState): number => states.filter((each) => each === state).length;
  return {
    "grpc.channels": states.length,
    "grpc.ready": of(READY),
    "grpc.connecting": of(CONNECTING),
    "grpc.idle": of(IDLE),
    "grpc.failing": of(TRANSIENT_FAILURE),
    "grpc.in_flight": count,
  };
}
