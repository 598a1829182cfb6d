/**
 * Where the buckets of histograms are cut: from the bits of the float64 itself. Its exponent and the upper 9 bits of its
 * mantissa are the bucket, which is 2^-9 of its octave wide: its middle is at most 0.098 % off any value in it.
 */
export const MANTISSA_BITS = 9;
export const PER_OCTAVE = 1 << MANTISSA_BITS;
export const OCTAVES = 64;
export const BUCKETS = OCTAVES * PER_OCTAVE;

/** Exponent field of 2^-20, the smallest octave kept apart; the largest is 2^43. */
const FIRST_EXPONENT = 1023 - 20;
const FIRST_INDEX = FIRST_EXPONENT << MANTISSA_BITS;
const LAST_INDEX = FIRST_INDEX + BUCKETS - 1;

const float = new Float64Array(1);
const words = new Uint32Array(float.buffer);
const HIGH = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1 ? 1 : 0;

/** Of a value above 0. */
export function bucketOf(value: number): number {
  float[0] = value;
  const index = words[HIGH]! >>> (20 - MANTISSA_BITS);
  return (index < FIRST_INDEX ? FIRST_INDEX : index > LAST_INDEX ? LAST_INDEX : index) - FIRST_INDEX;
}

export function middleOf(bucket: number): number {
  words[HIGH] = (bucket + FIRST_INDEX) << (20 - MANTISSA_BITS);
  words[1 - HIGH] = 0;
  const low = float[0]!;
  words[HIGH] = (bucket + 1 + FIRST_INDEX) << (20 - MANTISSA_BITS);
  return (low + float[0]!) / 2;
}

const LOW_BITS = 20 - MANTISSA_BITS;

/** Whether a bucket is neither the first nor the last: these hold all values beyond them too. */
export const isInner = (bucket: number): boolean => bucket > 0 && bucket < BUCKETS - 1;

/** The 16 bits of a value that come after those of its bucket. */
export function detailOf(value: number): number {
  float[0] = value;
  return ((words[HIGH]! & ((1 << LOW_BITS) - 1)) << (16 - LOW_BITS)) | (words[1 - HIGH]! >>> (16 + LOW_BITS));
}

/** The value of an inner bucket with this detail: at most 2^-25 below the one that it is of. */
export function detailed(bucket: number, detail: number): number {
  words[HIGH] = ((bucket + FIRST_INDEX) << LOW_BITS) | (detail >>> (16 - LOW_BITS));
  words[1 - HIGH] = detail << (16 + LOW_BITS);
  return float[0]!;
}
