/** What it means that an answer did not come whole. */
import type { Socket } from "node:net";
import { codeOf, type Ending } from "../failure.ts";

/** The server closed the connection in good order. */
export const CLOSED: Ending = { outcome: "reset", status: "CLOSED", message: "the server closed the connection" };

/**
 * Whether the server had closed a connection before what we sent last came: its machine answers that by a reset (RFC 9293
 * 3.5.2), and then ours knows of no peer any more. Asked of a socket that heard the server close.
 */
export const isUnread = (socket: Socket): boolean => !socket.destroyed && socket.remotePort === undefined;

/** What goes in one packet is read as a whole, or not at all. */
export const ONE_PACKET = 1400;

/** The end of a call whose request met such a connection and may not go again. */
export const lostIdle: Ending = {
  outcome: "reset",
  status: "CLOSED_IDLE",
  message: "the server closed the idle connection just as the request went out; it is not sent twice",
};

/** What came is no answer. */
export const invalidAnswer = ({ message }: Error): Ending => ({
  outcome: "invalid",
  status: "INVALID_ANSWER",
  message,
});

/** Words of undici for an answer that came unasked or of a wrong kind. */
const UNASKED = new Set(["bad response", "bad upgrade"]);

/**
 * A connection that ended, cleanly or not, before the answer was whole is a reset; bytes that are no HTTP answer are
 * invalid.
 */
export function lostAnswer(error: Error, socket: Socket): Ending {
  const code = codeOf(error);
  const message = error.message;
  // A TLS server that wants a certificate says so after its own part of the handshake.
  if (/^ERR_SSL_.*ALERT/.test(code) && socket.bytesRead === 0) return { outcome: "refused", status: code, message };
  if (socket.readableEnded) return CLOSED;
  if (socket.errored && socket.errored !== error) return lostAnswer(socket.errored, socket);
  if (
    /^HTTPParserError|^HPE_|^UND_ERR_(HEADERS_OVERFLOW|RES_CONTENT_LENGTH_MISMATCH)/.test(code) ||
    UNASKED.has(message)
  )
    return invalidAnswer(error);
  return { outcome: "reset", status: code === "UND_ERR_SOCKET" ? "CLOSED" : code, message };
}

/** The request as the templates made it cannot be written. */
export const invalidRequest = (error: Error): Ending => ({
  outcome: "invalid",
  status: "INVALID_REQUEST",
  message: error.message,
});
