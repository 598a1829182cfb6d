/** Writes header fields (RFC 7541) so that the same bytes mean the same on every connection: no table is changed. */
import { huffmanEncode, huffmanLength } from "./huffman.ts";
import { type Field, STATIC_FIELDS } from "./static_fields.ts";

/** Numbers of fields, and of the first field of a name. */
const FULL = new Map(STATIC_FIELDS.map(([name, value], index) => [`${name}\0${value}`, index + 1]));
const NAMED = new Map(STATIC_FIELDS.map(([name], index): [string, number] => [name, index + 1]).reverse());

/** Values that nobody on the way may keep (RFC 7541 7.1.3). */
const SECRET = new Set(["authorization", "cookie", "proxy-authorization"]);

/** A block, or a part of one. Texts are latin1, names in lower case. */
export const encodeFields = (fields: readonly Field[]): Buffer => Buffer.concat(fields.map(encodeField));

function encodeField([name, value]: Field): Buffer {
  const full = FULL.get(`${name}\0${value}`);
  if (full !== undefined) return encodeInteger(full, 7, 0x80); // 6.1
  const kind = SECRET.has(name) ? 0x10 : 0; // 6.2.3, 6.2.2
  const named = NAMED.get(name);
  if (named !== undefined) return Buffer.concat([encodeInteger(named, 4, kind), encodeString(value)]);
  return Buffer.concat([Buffer.from([kind]), encodeString(name), encodeString(value)]);
}

/** RFC 7541 5.1; `kind` has the bits above the prefix. */
export function encodeInteger(value: number, prefix: number, kind: number): Buffer {
  const most = 2 ** prefix - 1;
  if (value < most) return Buffer.from([kind | value]);
  const octets = [kind | most];
  let left = value - most;
  for (; left >= 0x80; left = Math.floor(left / 0x80)) octets.push(0x80 | (left % 0x80));
  return Buffer.from([...octets, left]);
}

/** RFC 7541 5.2: by Huffman's code where that is shorter. */
export function encodeString(text: string): Buffer {
  const packed = huffmanLength(text);
  if (packed >= text.length) return Buffer.concat([encodeInteger(text.length, 7, 0), Buffer.from(text, "latin1")]);
  return Buffer.concat([encodeInteger(packed, 7, 0x80), huffmanEncode(text)]);
}
