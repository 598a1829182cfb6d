/** Looks into protobuf's bytes without decoding them. */

const LENGTH_DELIMITED = 2;

/** Whether a message has bytes or text in a field. Bytes that are no message have none. */
export function hasContent(message: Uint8Array, field: number): boolean {
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let scale = 1; at < message.length; scale *= 0x80) {
      const byte = message[at++]!;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
    return Number.NaN;
  };
  while (at < message.length) {
    const tag = varint();
    const kind = tag % 8;
    if (kind === LENGTH_DELIMITED) {
      const length = varint();
      if (Math.floor(tag / 8) === field && length > 0) return at + length <= message.length;
      at += length;
    } else if (kind === 0) varint();
    else if (kind === 1) at += 8;
    else if (kind === 5) at += 4;
    else return false;
  }
  return false;
}
