/** What is told of a connection that fails, in words. */
import { errorName, type ProtocolError } from "./errors.ts";

const TEXT = /^[\x20-\x7e]{4,}/;
/** How a record of TLS begins: an alert, of version 3. */
const isTls = (bytes: Buffer): boolean => bytes[0] === 0x15 && bytes[1] === 3;

/** The peer's first bytes are not those of HTTP/2. */
export function otherProtocol(bytes: Buffer, { message }: ProtocolError): string {
  const [text] = TEXT.exec(bytes.toString("latin1", 0, 80)) ?? [];
  if (isTls(bytes)) return "expected HTTP/2 in the clear, found TLS";
  return `expected HTTP/2, found ${text ?? message}`;
}

/** GOAWAY with an error. */
export const expelled = (code: number, why: string): string =>
  `the service ended the connection: ${errorName(code)}${why === "" ? "" : ` (${why})`}`;
