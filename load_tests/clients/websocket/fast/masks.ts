/** Masking keys, which no server can foresee (RFC 6455 5.3 and 10.3). */
import { randomFillSync } from "node:crypto";

/** Filled at one go: a key for itself would cost more than the frame it masks. */
const POOL = Buffer.allocUnsafeSlow(16 * 1024);
let next = POOL.length;

/** Puts a new key of four bytes into `frame`, in front of its payload, and masks that with it. */
export function mask(frame: Buffer, at: number): void {
  if (next === POOL.length) {
    randomFillSync(POOL);
    next = 0;
  }
  const a = POOL[next]!;
  const b = POOL[next + 1]!;
  const c = POOL[next + 2]!;
  const d = POOL[next + 3]!;
  next += 4;
  frame[at] = a;
  frame[at + 1] = b;
  frame[at + 2] = c;
  frame[at + 3] = d;
  const { length } = frame;
  const whole = length - ((length - at) & 3);
  let i = at + 4;
  for (; i < whole; i += 4) {
    frame[i]! ^= a;
    frame[i + 1]! ^= b;
    frame[i + 2]! ^= c;
    frame[i + 3]! ^= d;
  }
  if (i < length) frame[i]! ^= a;
  if (i + 1 < length) frame[i + 1]! ^= b;
  if (i + 2 < length) frame[i + 2]! ^= c;
}
