/** What a client's channels are doing, for the report's resources. */

/** Counts the calls of one client that have begun and not ended. */
export interface CallsInFlight {
  count: number;
}

/** A channel has a connection, makes one, needs none, or could make none the last time. */
export type ChannelState = "ready" | "connecting" | "idle" | "failing";

/** Channels by their state, and calls in flight, by the names of resources. */
export function poolGauges(states: readonly ChannelState[], { count }: CallsInFlight): Record<string, number> {
  const of = (state: ChannelState): number => states.filter((each) => each === state).length;
  return {
    "grpc.channels": states.length,
    "grpc.ready": of("ready"),
    "grpc.connecting": of("connecting"),
    "grpc.idle": of("idle"),
    "grpc.failing": of("failing"),
    "grpc.in_flight": count,
  };
}
