/** What became of a call that has no answer to judge. */
import type { Outcome } from "../core/model.ts";
import { describeError } from "./socket.ts";

/** How a call ends: the last words of `Call.end`. */
export interface Ending {
  readonly outcome: Outcome;
  readonly status: string;
  readonly message: string;
}

/** Limits of our own machine: no file descriptor, no port, no memory for a socket. */
const OUR_LIMITS = new Set(["EMFILE", "ENFILE", "EADDRNOTAVAIL", "ENOBUFS", "ENOMEM"]);

/** What a system error means that was met while a connection was made. */
export const outcomeOfConnect = (code: string): Outcome => (OUR_LIMITS.has(code) ? "unsent" : "refused");

export const codeOf = (error: Error): string => String((error as NodeJS.ErrnoException).code ?? error.name);

/** No connection was had. */
export function connectFailure(error: Error): Ending {
  const code = codeOf(error);
  return { outcome: outcomeOfConnect(code), status: code, message: describeError(error) };
}

/** No connection was had within `connect_timeout`. */
export const connectTimeout = (authority: string, ms: number): Ending => ({
  outcome: "refused",
  status: "CONNECT_TIMEOUT",
  message: `no connection to ${authority} in ${ms} ms`,
});

/** What an HTTP status says. */
export function outcomeOfStatus(status: number): Outcome {
  if (status < 400) return "ok";
  if (status === 429) return "limited";
  return status < 500 ? "client-error" : "server-error";
}
