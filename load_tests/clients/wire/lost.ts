/** What it means that an answer did not come whole. */
import type { Socket } from "node:net";
import { codeOf, type Ending } from "../failure.ts";

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
  if (socket.readableEnded) return { outcome: "reset", status: "CLOSED", message: "the server closed the connection" };
  if (socket.errored && socket.errored !== error) return lostAnswer(socket.errored, socket);
  if (
    /^HTTPParserError|^HPE_|^UND_ERR_(HEADERS_OVERFLOW|RES_CONTENT_LENGTH_MISMATCH)/.test(code) ||
    UNASKED.has(message)
  )
    return { outcome: "invalid", status: "INVALID_ANSWER", message };
  return { outcome: "reset", status: code === "UND_ERR_SOCKET" ? "CLOSED" : code, message };
}

/** The request as the templates made it cannot be written. */
export const invalidRequest = (error: Error): Ending => ({
  outcome: "invalid",
  status: "INVALID_REQUEST",
  message: error.message,
});
