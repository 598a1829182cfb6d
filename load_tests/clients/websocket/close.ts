/** What the end of a connection means to the calls that wait for a reply (RFC 6455 7.4, IANA's registry of codes). */
import type { Outcome } from "../../core/model.ts";
import { codeOf, connectFailure, type Ending, outcomeOfStatus } from "../failure.ts";
import { describeError } from "../socket.ts";

/** Protocol error, unsupported data, bad payload, policy, too big, extension missing: the server blames what we sent. */
const OUR_FAULT: ReadonlySet<number> = new Set([1002, 1003, 1007, 1008, 1009, 1010]);
/** Internal error, restart, bad gateway. */
const ITS_FAULT: ReadonlySet<number> = new Set([1011, 1012, 1014]);
const TRY_AGAIN_LATER = 1013;

export function outcomeOfClose(code: number): Outcome {
  if (code === TRY_AGAIN_LATER) return "limited";
  if (OUR_FAULT.has(code) || (code >= 4000 && code <= 4999)) return "client-error";
  return ITS_FAULT.has(code) ? "server-error" : "reset";
}

export const closed = (code: number, reason: string): Ending => ({
  outcome: outcomeOfClose(code),
  status: String(code),
  message: reason === "" ? "the connection was closed with a reply outstanding" : reason,
});

/** The open connection failed: frames that make no sense are invalid, all else is a loss. */
export function broken(error: Error): Ending {
  const code = codeOf(error);
  return code.startsWith("WS_ERR_")
    ? { outcome: "invalid", status: "INVALID_ANSWER", message: error.message }
    : { outcome: "reset", status: code, message: describeError(error) };
}

/** The handshake failed. `connected`: there was a connection, but no WebSocket over it. */
export function unopened(error: Error, connected: boolean): Ending {
  if (!connected) return connectFailure(error);
  const code = codeOf(error);
  if (code.startsWith("HPE_") || code === "Error")
    return { outcome: "invalid", status: "INVALID_ANSWER", message: error.message };
  return { outcome: "reset", status: code, message: describeError(error) };
}

/** The server answered the upgrade with a status of its own. */
export function unswitched(status: number, reason: string): Ending {
  const outcome = outcomeOfStatus(status);
  const message = `expected 101 Switching Protocols, found ${status} ${reason}`.trim();
  return { outcome: outcome === "ok" ? "invalid" : outcome, status: String(status), message };
}
