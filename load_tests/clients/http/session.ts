/** What a user keeps between calls: its connections and its token. */
import type { User } from "../../core/plugin.ts";
import type { Ending } from "../failure.ts";
import type { Lane } from "./lane.ts";

/** A call that waits for the login that another call of its user began. */
export interface Waiting {
  go(): void;
  fail(ending: Ending): void;
}

export interface Session {
  readonly lane: Lane;
  /** Null until the login gave one. */
  token: string | null;
  /** Null while no login is under way. */
  waiting: Waiting[] | null;
}

/** The sessions of one client's users; `newLane` makes a user's lane, or gives the one that all share. */
export class Sessions {
  private readonly newLane: () => Lane;

  constructor(newLane: () => Lane) {
    this.newLane = newLane;
  }

  of(user: User): Session {
    const known = user.slots.get(this) as Session | undefined;
    if (known !== undefined) return known;
    const session: Session = { lane: this.newLane(), token: null, waiting: null };
    user.slots.set(this, session);
    return session;
  }

  /** Takes the user's session from it; undefined if it had none. */
  end(user: User): Session | undefined {
    const session = user.slots.get(this) as Session | undefined;
    user.slots.delete(this);
    return session;
  }
}
