/**
 * The least or the greatest value of a histogram as it is written after its buckets: the two bytes that make seven digits
 * of it, where the value lies in one of them.
 */
import { bucketOf, detailed, detailOf, isInner } from "./buckets.ts";
import type { ByteReader, ByteWriter } from "./bytes.ts";

export function writeExtreme(out: ByteWriter, value: number): void {
  if (value > 0 && isInner(bucketOf(value))) out.short(detailOf(value));
  else out.brief(value);
}

/** `bucket`: the one that it lies in; -1 where it is in none. */
export const readExtreme = (from: ByteReader, bucket: number): number =>
  isInner(bucket) ? detailed(bucket, from.short()) : from.brief();
