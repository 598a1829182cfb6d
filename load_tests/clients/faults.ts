/** For tests only: what goes wrong between a client and its server, and what it must come out as, whatever the protocol. */
import type { Outcome } from "../core/model.ts";
import type { TestServer } from "./loopback.ts";

/** A fault in words, and the outcomes that tell it truly. */
type Told = readonly [what: string, ...outcomes: Outcome[]];

export const FAULTS = {
  reset_before: ["resets the connection before it answers", "reset"],
  reset_in_header: ["resets the connection within the header of its answer", "reset"],
  reset_in_content: ["resets the connection within its answer", "reset"],
  closed_before: ["hangs up without a word", "reset"],
  closed_in_content: ["hangs up within its answer", "reset"],
  half_closed: ["closes its half of the connection and reads on", "reset"],
  goodbye: ["takes its leave in good order while an answer is due", "reset"],
  expulsion: ["ends the connection by an error while an answer is due", "reset"],
  stream_reset: ["breaks off the call's stream, not the connection", "reset"],
  garbage: ["answers in another protocol", "invalid"],
  wrong_length: ["says a length that its answer has not", "reset", "invalid"],
  broken_framing: ["frames its answer in a way that makes no sense", "invalid"],
  endless_header: ["never ends its header", "invalid"],
  oversize: ["sends more in one piece than anyone should", "invalid"],
  redirect_loop: ["redirects in a circle", "invalid"],
  slow_content: ["sends its answer too slowly", "timeout"],
  huge_content: ["answers with tens of megabytes, which are counted and not kept", "ok"],
  for_no_one: ["sends what answers nobody before its answer", "ok"],
} as const satisfies Record<string, Told>;
export type Fault = keyof typeof FAULTS;

/** A server that misbehaves, and the status by which reports show it. */
export interface Misbehaviour {
  serve(): Promise<TestServer>;
  readonly status: string | RegExp;
}

/** How a protocol's server does each of them; null where the protocol knows no such thing. */
export type Misbehaviours = Readonly<Record<Fault, Misbehaviour | null>>;

/** Certificates that nobody should trust, and a server that has none. */
export const DISTRUSTED = ["expired", "misnamed", "stranger", "none"] as const;
