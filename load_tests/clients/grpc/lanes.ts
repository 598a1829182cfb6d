/** Which channel a user's call goes over. */
import type { User } from "../../core/plugin.ts";

export interface Lanes<Channel> {
  /** All that are open. */
  readonly opened: ReadonlySet<Channel>;
  of(user: User): Channel;
  release(user: User): void;
}

interface Closable {
  close(): void;
}

export const lanesOf = <Channel extends Closable>(
  channels: number | "per_user",
  open: () => Channel,
): Lanes<Channel> => (channels === "per_user" ? ownChannels(open) : sharedChannels(open, channels));

/** Channels that all users share; calls take them in turn. */
function sharedChannels<Channel>(open: () => Channel, count: number): Lanes<Channel> {
  const channels = Array.from({ length: count }, open);
  let turn = 0;
  const of = () => {
    turn = turn + 1 < count ? turn + 1 : 0;
    return channels[turn]!;
  };
  return { opened: new Set(channels), of, release: () => {} };
}

/** A channel for each user, from the first call to the end of the session. */
function ownChannels<Channel extends Closable>(open: () => Channel): Lanes<Channel> {
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
