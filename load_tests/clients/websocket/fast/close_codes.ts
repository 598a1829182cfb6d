/** What a close frame says (RFC 6455 5.5.1 and 7.4). */
import { isUtf8 } from "node:buffer";
import { InvalidFrame } from "./invalid_frame.ts";

/** Stands for a close without a code (RFC 6455 7.1.5). */
const NO_CODE = 1005;

export interface Goodbye {
  readonly code: number;
  readonly reason: string;
}

/** Those of the protocol and of its registry, but 1004 to 1006, which no frame says; those of libraries and applications. */
const maySay = (code: number): boolean =>
  (code >= 1000 && code <= 1014 && !(code >= 1004 && code <= 1006)) || (code >= 3000 && code <= 4999);

/** Throws InvalidFrame. */
export function goodbyeOf(payload: Buffer): Goodbye {
  if (payload.length === 0) return { code: NO_CODE, reason: "" };
  if (payload.length === 1) throw new InvalidFrame("expected a close code of two bytes, found one byte");
  const code = payload.readUInt16BE(0);
  if (!maySay(code)) throw new InvalidFrame(`expected a close code that may be sent, found ${code}`);
  const reason = payload.subarray(2);
  if (!isUtf8(reason)) throw new InvalidFrame("expected the reason of a close in UTF-8, found other bytes", 1007);
  return { code, reason: reason.toString("utf8") };
}
