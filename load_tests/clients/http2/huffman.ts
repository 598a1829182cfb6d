/** The Huffman code of header strings (RFC 7541 5.2, Appendix B). */
import { ErrorCode, ProtocolError } from "./errors.ts";

/** Bits of the code of each octet, and of EOS: the code is canonical, so that its lengths say it all. */
// biome-ignore format: a table
const LENGTHS = [
  13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 28,
  6, 10, 10, 12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6, 5, 5, 5, 6, 6, 6, 6, 6, 6, 6, 7, 8, 15, 6, 12, 10,
  13, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 8, 7, 8, 13, 19, 13, 14, 6,
  15, 5, 6, 5, 6, 5, 6, 6, 6, 5, 7, 7, 6, 6, 6, 5, 6, 7, 6, 5, 5, 6, 7, 7, 7, 7, 7, 15, 11, 14, 13, 28,
  20, 22, 20, 20, 22, 22, 22, 23, 22, 23, 23, 23, 23, 23, 24, 23, 24, 24, 22, 23, 24, 23, 23, 23, 23, 21, 22, 23, 22, 23, 23, 24,
  22, 21, 20, 22, 22, 23, 23, 21, 23, 22, 22, 24, 21, 22, 23, 23, 21, 21, 22, 21, 23, 22, 23, 23, 20, 22, 22, 22, 23, 22, 22, 23,
  26, 26, 20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25, 19, 21, 26, 27, 27, 26, 27, 24, 21, 21, 26, 26, 28, 27, 27, 27,
  20, 24, 20, 21, 22, 21, 21, 23, 22, 22, 25, 25, 24, 24, 26, 23, 26, 27, 26, 26, 27, 27, 27, 27, 27, 28, 27, 27, 27, 27, 27, 26,
  30,];
const EOS = 256;
const MOST_PADDING = 7;

/** Codes in the order of their lengths, then of their octets, each one more than the one before. */
function codesOf(lengths: readonly number[]): number[] {
  const codes: number[] = [];
  const order = lengths
    .map((bits, symbol) => ({ bits, symbol }))
    .sort((a, b) => a.bits - b.bits || a.symbol - b.symbol);
  let next = 0;
  let width = 0;
  for (const { bits, symbol } of order) {
    next *= 2 ** (bits - width);
    width = bits;
    codes[symbol] = next++;
  }
  return codes;
}
const CODES = codesOf(LENGTHS);

/** Two places a node, for a bit of 0 and of 1: the next node, or the octet as `~octet`. */
const TREE = ((): Int16Array => {
  const tree = new Int16Array(2 * EOS);
  let nodes = 1;
  LENGTHS.forEach((bits, symbol) => {
    let node = 0;
    for (let left = bits - 1; left > 0; left--) {
      const place = 2 * node + ((CODES[symbol]! >>> left) & 1);
      if (tree[place] === 0) tree[place] = nodes++;
      node = tree[place]!;
    }
    tree[2 * node + (CODES[symbol]! & 1)] = ~symbol;
  });
  return tree;
})();

/** Each octet as a character (latin1). Throws a ProtocolError where the padding is none, or EOS is within. */
export function huffmanDecode(bytes: Uint8Array, from: number, to: number): string {
  let text = "";
  let node = 0;
  let pending = 0;
  let ones = true;
  for (let at = from; at < to; at++) {
    const octet = bytes[at]!;
    for (let shift = 7; shift >= 0; shift--) {
      const bit = (octet >>> shift) & 1;
      const next = TREE[2 * node + bit]!;
      pending++;
      ones &&= bit === 1;
      if (next >= 0) node = next;
      else {
        if (~next === EOS) throw new ProtocolError(ErrorCode.COMPRESSION_ERROR, "a header string holds EOS");
        text += String.fromCharCode(~next);
        node = pending = 0;
        ones = true;
      }
    }
  }
  if (pending > MOST_PADDING || !ones)
    throw new ProtocolError(ErrorCode.COMPRESSION_ERROR, "a header string is padded in a wrong way");
  return text;
}

/** Octets that latin1 text takes. */
export function huffmanLength(text: string): number {
  let bits = 0;
  for (let at = 0; at < text.length; at++) bits += LENGTHS[text.charCodeAt(at) & 0xff]!;
  return Math.ceil(bits / 8);
}

/** Latin1 text, padded with the first bits of EOS. */
export function huffmanEncode(text: string): Buffer {
  const bytes = Buffer.alloc(huffmanLength(text), 0);
  let at = 0;
  const put = (code: number, bits: number) => {
    for (let left = bits - 1; left >= 0; left--, at++) if ((code >>> left) & 1) bytes[at >>> 3]! |= 0x80 >>> (at & 7);
  };
  for (let index = 0; index < text.length; index++) {
    const octet = text.charCodeAt(index) & 0xff;
    put(CODES[octet]!, LENGTHS[octet]!);
  }
  put(0xff, 8 * bytes.length - at);
  return bytes;
}
