/** Frames as a client writes them: whole messages, masked (RFC 6455 5.2 and 5.3). */
import { mask } from "./masks.ts";
import { IN_16_BITS, IN_64_BITS, Opcode, SHORT } from "./opcodes.ts";

const FIN = 0x80;
const MASKED = 0x80;
const MASK = 4;

/** A frame that is the whole message; text becomes UTF-8. */
export function frameOf(opcode: number, data: Buffer | string): Buffer {
  const length = typeof data === "string" ? Buffer.byteLength(data) : data.length;
  const size = length <= SHORT ? 2 : length <= 0xffff ? 4 : 10;
  const frame = Buffer.allocUnsafe(size + MASK + length);
  frame[0] = FIN | opcode;
  if (size === 2) frame[1] = MASKED | length;
  else if (size === 4) {
    frame[1] = MASKED | IN_16_BITS;
    frame.writeUInt16BE(length, 2);
  } else {
    frame[1] = MASKED | IN_64_BITS;
    frame.writeUInt32BE(Math.floor(length / 2 ** 32), 2);
    frame.writeUInt32BE(length % 2 ** 32, 6);
  }
  if (typeof data === "string") frame.write(data, size + MASK);
  else data.copy(frame, size + MASK);
  mask(frame, size);
  return frame;
}

/** `code` is told in two bytes (RFC 6455 5.5.1). */
export const closeFrame = (code: number): Buffer => frameOf(Opcode.CLOSE, Buffer.from([code >> 8, code & 0xff]));
