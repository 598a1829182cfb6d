/**
 * Buckets of a histogram that are not empty, each with its count, as they are written: for each a varint of twice its
 * step from the bucket before (the first from -1), one more where its count is above 1, and then its count less 2; a 0 ends them.
 */
import type { ByteReader, ByteWriter } from "./bytes.ts";

/** Buckets in `bytes[from..to)`, without the 0 that ends them; they are read from where they lie. */
export interface Packed {
  readonly bytes: Uint8Array;
  readonly from: number;
  readonly to: number;
  /** Of all counts. */
  readonly total: number;
  /** How many groups of neighbours are not all empty. */
  readonly groups: number;
}

/** How many buckets there are, and how many neighbours are a group, as a power of two. */
export interface Limits {
  readonly buckets: number;
  readonly groupBits: number;
}

/** `while (walk.next()) use(walk.bucket, walk.count)`: visits packed buckets in rising order. */
export class Walk {
  bucket = -1;
  count = 0;
  private at: number;
  private readonly bytes: Uint8Array;
  private readonly to: number;

  constructor({ bytes, from, to }: Packed) {
    this.bytes = bytes;
    this.at = from;
    this.to = to;
  }

  next(): boolean {
    if (this.at >= this.to) return false;
    const code = this.varint();
    this.bucket += code >>> 1;
    this.count = (code & 1) === 0 ? 1 : this.varint() + 2;
    return true;
  }

  private varint(): number {
    let byte = this.bytes[this.at++]!;
    if (byte < 0x80) return byte;
    let value = byte & 0x7f;
    for (let scale = 0x80; byte >= 0x80; scale *= 0x80) {
      byte = this.bytes[this.at++]!;
      value += (byte & 0x7f) * scale;
    }
    return value;
  }
}

const NOTHING: Packed = { bytes: new Uint8Array(0), from: 0, to: 0, total: 0, groups: 0 };

/** What a pass over packed buckets tells. */
export interface Passed {
  /** Place of the 0 that ends them. */
  end: number;
  /** Of all counts. */
  total: number;
  /** How many groups of neighbours are not all empty. */
  groups: number;
  /** The outer buckets; -1 where there are none. */
  first: number;
  last: number;
}

/** From here on, a byte of a varint is not its last. */
export const MORE = 0x80;

/** One for all passes, good until the next: there are millions of them. */
export const passed: Passed = { end: 0, total: 0, groups: 0, first: -1, last: -1 };

/**
 * Passes what `writeBucket` and `endBuckets` wrote. Throws a RangeError on bytes that are no buckets within the limits.
 * Varints of one byte, as most are, are read here: that takes half the time.
 */
export function passPacked(reader: ByteReader, { buckets, groupBits }: Limits): Passed {
  const bytes = reader.octets;
  let [at, bucket, group, total, groups] = [reader.position, -1, -1, 0, 0];
  passed.first = -1;
  for (;;) {
    let code = at < bytes.length ? bytes[at]! : MORE;
    if (code < MORE) at++;
    else {
      reader.seek(at);
      code = reader.varint();
      at = reader.position;
    }
    if (code === 0) break;
    if (code < 2 || code > 2 * buckets + 1) throw new RangeError("histogram bucket out of range");
    bucket += code >>> 1;
    if (bucket >= buckets) throw new RangeError("histogram bucket out of range");
    if ((code & 1) === 0) total++;
    else {
      reader.seek(at);
      const count = reader.varint() + 2;
      at = reader.position;
      if (count > 0xffffffff) throw new RangeError("histogram count out of range");
      total += count;
    }
    if (bucket >>> groupBits === group) continue;
    if (groups++ === 0) passed.first = bucket;
    group = bucket >>> groupBits;
  }
  reader.seek(at);
  passed.last = bucket;
  passed.end = at - 1;
  passed.total = total;
  passed.groups = groups;
  return passed;
}

/** Takes packed buckets as they are. Throws as `passPacked` does. */
export function readPacked(reader: ByteReader, limits: Limits): Packed {
  const from = reader.position;
  const { end, total, groups } = passPacked(reader, limits);
  return end === from ? NOTHING : { bytes: reader.octets, from, to: end, total, groups };
}

/** Appends one bucket with its count; `last` is the bucket before it. */
export function writeBucket(out: ByteWriter, step: number, count: number): void {
  if (count === 1) out.varint(2 * step);
  else {
    out.varint(2 * step + 1);
    out.varint(count - 2);
  }
}

/** The buckets of the values at ranks from 1 on, which rise, at most their total. */
export function bucketsAt(packed: Packed, ranks: readonly number[]): number[] {
  const found: number[] = [];
  const walk = new Walk(packed);
  for (let passed = 0; found.length < ranks.length && walk.next(); ) {
    passed += walk.count;
    while (passed >= ranks[found.length]!) found.push(walk.bucket);
  }
  return found;
}

/** Appends the first `length` buckets, which are few and not sorted, without an end; it sorts them where they lie. */
export function writeFew(out: ByteWriter, buckets: Uint16Array, length: number): void {
  sort(buckets, length);
  let last = -1;
  for (let i = 0; i < length; ) {
    const bucket = buckets[i]!;
    const from = i;
    while (i < length && buckets[i] === bucket) i++;
    writeBucket(out, bucket - last, i - from);
    last = bucket;
  }
}

/** Insertion sort of the first `length`: they are few, and nothing is allocated. */
function sort(values: Uint16Array, length: number): void {
  for (let i = 1; i < length; i++) {
    const value = values[i]!;
    let at = i;
    for (; at > 0 && values[at - 1]! > value; at--) values[at] = values[at - 1]!;
    values[at] = value;
  }
}

export function endBuckets(out: ByteWriter): void {
  out.varint(0);
}
