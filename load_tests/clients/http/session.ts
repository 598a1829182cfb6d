/** What a user keeps between calls: its connections, its cookies and its token. */
import type { User } from "../../core/plugin.ts";
import type { WaitingCalls } from "../waiting.ts";
import type { Lane } from "../wire/lane.ts";
import { Cookies } from "./cookies.ts";

export interface Session {
  readonly lane: Lane;
  /** Null until the login gave one. */
  token: string | null;
  /** Who waits for the login under way; null while there is none. */
  waiting: WaitingCalls | null;
  /** Null until a server set one. */
  cookies: Cookies | null;
}

export function cookiesOf(session: Session): Cookies {
  session.cookies ??= new Cookies();
  return session.cookies;
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
    const session: Session = { lane: this.newLane(), token: null, waiting: null, cookies: null };
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
