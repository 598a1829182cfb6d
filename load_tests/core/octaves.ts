/** Counts by bucket, an octave at a time: those that no value fell into take no memory. */
import { BUCKETS, MANTISSA_BITS, OCTAVES, PER_OCTAVE } from "./buckets.ts";
import type { ByteWriter } from "./bytes.ts";
import { type Packed, Walk, writeBucket } from "./packed.ts";

export const OCTAVE_BYTES = PER_OCTAVE * Uint32Array.BYTES_PER_ELEMENT;

const NO_COUNTS = new Uint32Array(0);

export class Octaves {
  /** Whether anything was added since it was made or cleared. */
  isUsed = false;
  private readonly octaves: (Uint32Array | undefined)[] = new Array(OCTAVES).fill(undefined);

  add(bucket: number, count: number): void {
    this.octave(bucket >>> MANTISSA_BITS)[bucket & (PER_OCTAVE - 1)]! += count;
  }

  /** Adds one to each of the first `length` buckets. */
  addEach(buckets: Uint16Array, length: number): void {
    for (let i = 0; i < length; i++) this.add(buckets[i]!, 1);
  }

  addPacked(packed: Packed): void {
    let octave: Uint32Array = NO_COUNTS;
    const walk = new Walk(packed);
    for (let at = -1; walk.next(); ) {
      if (walk.bucket >>> MANTISSA_BITS !== at) {
        at = walk.bucket >>> MANTISSA_BITS;
        octave = this.octave(at);
      }
      octave[walk.bucket & (PER_OCTAVE - 1)]! += walk.count;
    }
  }

  merge(other: Octaves): void {
    for (let o = 0; o < OCTAVES; o++) {
      const theirs = other.octaves[o];
      if (theirs === undefined) continue;
      const ours = this.octave(o);
      for (let i = 0; i < PER_OCTAVE; i++) ours[i]! += theirs[i]!;
    }
  }

  /** Empties it and keeps its memory. */
  clear(): void {
    if (this.isUsed) for (const octave of this.octaves) octave?.fill(0);
    this.isUsed = false;
  }

  /** Visits each bucket that is not empty, in rising order. */
  forEach(visit: (bucket: number, count: number) => void): void {
    for (let o = 0; o < OCTAVES; o++) {
      const octave = this.octaves[o];
      if (octave === undefined) continue;
      for (let i = 0; i < PER_OCTAVE; i++) if (octave[i]! > 0) visit(o * PER_OCTAVE + i, octave[i]!);
    }
  }

  /** The bucket of the value at a rank from 1 on. */
  bucketAt(rank: number): number {
    let left = rank;
    for (let o = 0; o < OCTAVES; o++) {
      const octave = this.octaves[o];
      if (octave === undefined) continue;
      for (let i = 0; i < PER_OCTAVE; i++) {
        left -= octave[i]!;
        if (left <= 0) return o * PER_OCTAVE + i;
      }
    }
    return BUCKETS - 1;
  }

  /** Appends them packed, without an end. */
  write(out: ByteWriter): void {
    let last = -1;
    this.forEach((bucket, count) => {
      writeBucket(out, bucket - last, count);
      last = bucket;
    });
  }

  /** Bytes of memory. */
  memory(): number {
    return OCTAVE_BYTES * this.octaves.reduce((n, octave) => (octave === undefined ? n : n + 1), 0);
  }

  private octave(index: number): Uint32Array {
    this.isUsed = true;
    const known = this.octaves[index];
    if (known !== undefined) return known;
    const octave = new Uint32Array(PER_OCTAVE);
    this.octaves[index] = octave;
    return octave;
  }
}
