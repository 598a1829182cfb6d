/** Counts by bucket, an octave at a time: those that no value fell into take no memory. */
import { MANTISSA_BITS, OCTAVES, PER_OCTAVE } from "./buckets.ts";
import type { ByteReader, ByteWriter } from "./bytes.ts";
import { MORE, type Passed, passed, writeBucket } from "./packed.ts";

export const OCTAVE_BYTES = PER_OCTAVE * Uint32Array.BYTES_PER_ELEMENT;

const NO_COUNTS: Uint32Array = new Uint32Array(0);

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

  /**
   * Adds sound packed buckets and passes them; of what that tells, groups are not counted. Written out, as all that a report
   * reads goes through it: a walk takes twice the time.
   */
  addPacked(from: ByteReader): Passed {
    const bytes = from.octets;
    let [at, bucket, index, total] = [from.position, -1, -1, 0];
    let octave = NO_COUNTS;
    passed.first = -1;
    for (;;) {
      let code = bytes[at]!;
      if (code < MORE) at++;
      else {
        from.seek(at);
        code = from.varint();
        at = from.position;
      }
      if (code === 0) break;
      let count = 1;
      if ((code & 1) === 1) {
        from.seek(at);
        count = from.varint() + 2;
        at = from.position;
      }
      total += count;
      bucket += code >>> 1;
      if (bucket >>> MANTISSA_BITS !== index) {
        if (index < 0) passed.first = bucket;
        index = bucket >>> MANTISSA_BITS;
        octave = this.octave(index);
      }
      octave[bucket & (PER_OCTAVE - 1)]! += count;
    }
    from.seek(at);
    passed.end = at - 1;
    passed.last = bucket;
    passed.total = total;
    return passed;
  }

  merge(other: Octaves): void {
    for (let o = 0; o < OCTAVES; o++) {
      const theirs = other.octaves[o];
      if (theirs === undefined) continue;
      const ours = this.octave(o);
      for (let i = 0; i < PER_OCTAVE; i++) ours[i]! += theirs[i]!;
    }
  }

  /** Takes away what was merged before. */
  remove(other: Octaves): void {
    for (let o = 0; o < OCTAVES; o++) {
      const theirs = other.octaves[o];
      if (theirs === undefined) continue;
      const ours = this.octave(o);
      for (let i = 0; i < PER_OCTAVE; i++) ours[i]! -= theirs[i]!;
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

  /** The buckets of the values at ranks from 1 on, which rise, at most their number. */
  bucketsAt(ranks: readonly number[]): number[] {
    const found: number[] = [];
    let passed = 0;
    for (let o = 0; o < OCTAVES && found.length < ranks.length; o++) {
      const octave = this.octaves[o];
      if (octave === undefined) continue;
      for (let i = 0; i < PER_OCTAVE; i++) {
        passed += octave[i]!;
        while (passed >= ranks[found.length]!) found.push(o * PER_OCTAVE + i);
      }
    }
    return found;
  }

  /** Appends them packed, without an end. */
  write(out: ByteWriter): void {
    let last = -1;
    for (let o = 0; o < OCTAVES; o++) {
      const octave = this.octaves[o];
      if (octave === undefined) continue;
      for (let i = 0; i < PER_OCTAVE; i++) {
        if (octave[i] === 0) continue;
        const bucket = o * PER_OCTAVE + i;
        writeBucket(out, bucket - last, octave[i]!);
        last = bucket;
      }
    }
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
