/** Looks into protobuf's bytes without decoding them. */

const LENGTH_DELIMITED = 2;

/** Whether a message has bytes or text in a field. Bytes that are no message have none. */
export function hasContent(message: Uint8Array, field: number): boolean {
  let found = false;
  eachField(message, (number, from, to) => {
    found = number === field && to > from && to <= message.length;
    return number !== field || to === from;
  });
  return found;
}

/** Visits the length-delimited fields until `visit` says false. */
function eachField(message: Uint8Array, visit: (field: number, from: number, to: number) => boolean): void {
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
      if (!visit(Math.floor(tag / 8), at, at + length)) return;
      at += length;
    } else if (kind === 0) varint();
    else if (kind === 1) at += 8;
    else if (kind === 5) at += 4;
    else return;
  }
}

/** One field of bytes, text or a message, as it stands in a message. */
export function piece(field: number, content: Buffer): Buffer {
  const head = [field * 8 + LENGTH_DELIMITED];
  for (let left = content.length; ; left = Math.floor(left / 0x80)) {
    head.push(left < 0x80 ? left : (left % 0x80) + 0x80);
    if (left < 0x80) return Buffer.concat([Buffer.from(head), content]);
  }
}

/** All fields of bytes, text or messages with this number; those before the first bytes that make no sense. */
export function piecesOf(message: Buffer, field: number): Buffer[] {
  const found: Buffer[] = [];
  eachField(message, (number, from, to) => {
    if (number === field) found.push(message.subarray(from, to));
    return true;
  });
  return found;
}
