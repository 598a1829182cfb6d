/** Buckets of a histogram that are not empty, each with its count, as they are read and written. */
import type { ByteReader, ByteWriter } from "./bytes.ts";

/** Buckets and counts in turn in `cells[from..to)`. Neighbours share `cells`, so that reading many allocates little. */
export interface Pairs {
  readonly cells: Uint32Array;
  readonly from: number;
  readonly to: number;
  readonly total: number;
}

const CHUNK = 1 << 16;
let chunk = new Uint32Array(CHUNK);
let used = 0;

/** Where `length` free cells of `chunk` begin. */
function reserve(length: number): number {
  if (used + length > chunk.length) {
    chunk = new Uint32Array(Math.max(CHUNK, length));
    used = 0;
  }
  return used;
}

/** A copy of pairs that stays when their cells are used again. */
export function ownPairs(pairs: Pairs): Pairs {
  const from = reserve(pairs.to - pairs.from);
  chunk.set(pairs.cells.subarray(pairs.from, pairs.to), from);
  used = from + pairs.to - pairs.from;
  return { cells: chunk, from, to: used, total: pairs.total };
}

/** Reads what `writePairs` wrote. Throws a RangeError on bytes that are no pairs of buckets below `limit`. */
export function readPairs(reader: ByteReader, limit: number): Pairs {
  const buckets = reader.varint();
  if (buckets > limit) throw new RangeError("histogram with too many buckets");
  const from = reserve(2 * buckets);
  const to = from + 2 * buckets;
  const cells = chunk;
  let bucket = 0;
  let total = 0;
  for (let at = from; at < to; at += 2) {
    bucket += reader.varint();
    if (bucket >= limit) throw new RangeError("histogram bucket out of range");
    const count = reader.varint();
    if (count < 1 || count > 0xffffffff) throw new RangeError("histogram count out of range");
    cells[at] = bucket;
    cells[at + 1] = count;
    total += count;
  }
  used = to;
  return { cells, from, to, total };
}

/** Appends their number, then for each its bucket's step from the bucket before and its count, as varints. */
export function writePairs({ cells, from, to }: Pairs, out: ByteWriter): void {
  out.varint((to - from) / 2);
  for (let at = from, last = 0; at < to; last = cells[at]!, at += 2) {
    out.varint(cells[at]! - last);
    out.varint(cells[at + 1]!);
  }
}
