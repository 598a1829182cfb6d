/** Writes header fields (RFC 7541). */
import { huffmanEncode, huffmanLength } from "./huffman.ts";
import { type Field, STATIC_FIELDS } from "./static_fields.ts";

/** Numbers of fields, and of the first field of a name. */
const FULL = new Map(STATIC_FIELDS.map(([name, value], index) => [`${name}\0${value}`, index + 1]));
const NAMED = new Map(STATIC_FIELDS.map(([name], index): [string, number] => [name, index + 1]).reverse());

/** Values that nobody on the way may keep (RFC 7541 7.1.3). */
const SECRET = new Set(["authorization", "cookie", "proxy-authorization"]);

/** How a field is written that has no number of its own: the bits before its name's number, and how many are left for that. */
const KEPT = { kind: 0x40, prefix: 6 }; // 6.2.1
const NOT_KEPT = { kind: 0, prefix: 4 }; // 6.2.2
const NEVER_KEPT = { kind: 0x10, prefix: 4 }; // 6.2.3

/** A block, or a part of one, that changes no table: the same bytes mean the same anywhere. Texts are latin1, names in lower case. */
export const encodeFields = (fields: readonly Field[]): Buffer => Buffer.concat(fields.map(encodeField));

export function encodeField(field: Field): Buffer {
  const full = FULL.get(field.join("\0"));
  if (full !== undefined) return indexed(full);
  return literal(field, SECRET.has(field[0]) ? NEVER_KEPT : NOT_KEPT);
}

/** A field that the other side keeps in its table. */
export const encodeKept = (field: Field): Buffer => literal(field, KEPT);

/** Whether it is worth a place in a table, and may have one. */
export const isKept = (field: Field): boolean => !FULL.has(field.join("\0")) && !SECRET.has(field[0]);

/** RFC 7541 6.1: both tables count as one. */
export const indexed = (index: number): Buffer => encodeInteger(index, 7, 0x80);

/** RFC 7541 6.3. */
export const tableSizeOf = (size: number): Buffer => encodeInteger(size, 5, 0x20);

function literal([name, value]: Field, { kind, prefix }: typeof KEPT): Buffer {
  const named = NAMED.get(name);
  const before = encodeInteger(named ?? 0, prefix, kind);
  return Buffer.concat([before, ...(named === undefined ? [encodeString(name)] : []), encodeString(value)]);
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
