/**
 * A mergeable histogram for all units. Buckets are cut from the bits of the float64 itself: its exponent and the upper
 * 9 bits of its mantissa, so a bucket is 2^-9 of its octave wide and its middle is at most 0.098 % off any value in it.
 */
import { ByteReader, ByteWriter } from "./bytes.ts";
import { endBuckets, type Packed, readPacked, Walk, writeBucket } from "./packed.ts";

const MANTISSA_BITS = 9;
const PER_OCTAVE = 1 << MANTISSA_BITS;
const OCTAVES = 64;
/** Exponent field of 2^-20, the smallest octave kept apart; the largest is 2^43. */
const FIRST_EXPONENT = 1023 - 20;
const FIRST_INDEX = FIRST_EXPONENT << MANTISSA_BITS;
const LAST_INDEX = FIRST_INDEX + OCTAVES * PER_OCTAVE - 1;

const float = new Float64Array(1);
const words = new Uint32Array(float.buffer);
const HIGH = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1 ? 1 : 0;

function bucketOf(value: number): number {
  float[0] = value;
  const index = words[HIGH]! >>> (20 - MANTISSA_BITS);
  return (index < FIRST_INDEX ? FIRST_INDEX : index > LAST_INDEX ? LAST_INDEX : index) - FIRST_INDEX;
}

function middleOf(bucket: number): number {
  words[HIGH] = (bucket + FIRST_INDEX) << (20 - MANTISSA_BITS);
  words[1 - HIGH] = 0;
  const low = float[0]!;
  words[HIGH] = (bucket + 1 + FIRST_INDEX) << (20 - MANTISSA_BITS);
  return (low + float[0]!) / 2;
}

type Octaves = (Uint32Array | undefined)[];
/** Of histograms that are empty, or still as they were read. */
const NO_OCTAVES: Octaves = new Array(OCTAVES).fill(undefined);
const NO_OCTAVE = new Uint32Array(0);
/** Values that are kept as they come: a second of one endpoint often has no more. */
const RECENT = 32;
const NO_RECENT = new Uint16Array(0);
const LIMITS = { buckets: OCTAVES * PER_OCTAVE, groupBits: MANTISSA_BITS };

/** Counts of values by bucket. Zero and negative values are counted apart; min, max and sum are exact. */
export class Histogram {
  count = 0;
  sum = 0;
  min = Number.POSITIVE_INFINITY;
  max = Number.NEGATIVE_INFINITY;
  zeros = 0;
  negatives = 0;
  private octaves: Octaves = NO_OCTAVES;
  /** Whether the octaves hold anything. */
  private isLaidOut = false;
  /** Buckets of the last values, not yet laid out in octaves: of few values they are all, and a few lines of cache. */
  private recent = NO_RECENT;
  private recorded = 0;
  /** As they were read: most are merged once and dropped, which needs no octaves. */
  private packed: Packed | null = null;

  /** Adds one finite value, in whatever unit the caller keeps. */
  record(value: number): void {
    this.count++;
    this.sum += value;
    if (value < this.min) this.min = value;
    if (value > this.max) this.max = value;
    if (value > 0) this.note(bucketOf(value));
    else if (value < 0) this.negatives++;
    else this.zeros++;
  }

  merge(other: Histogram): void {
    if (other.count === 0) return;
    this.count += other.count;
    this.sum += other.sum;
    this.min = Math.min(this.min, other.min);
    this.max = Math.max(this.max, other.max);
    this.zeros += other.zeros;
    this.negatives += other.negatives;
    this.spread();
    if (other.packed !== null) this.addPacked(other.packed);
    if (other.isLaidOut) this.addOctaves(other.octaves);
    for (let i = 0; i < other.recorded; i++) this.add(other.recent[i]!, 1);
  }

  /** Takes away what was merged before. Minimum and maximum stay, for the caller to set. */
  remove(other: Histogram): void {
    this.count -= other.count;
    this.sum -= other.sum;
    this.zeros -= other.zeros;
    this.negatives -= other.negatives;
    other.forEach((bucket, count) => {
      this.add(bucket, -count);
    });
  }

  /** The value of nearest rank ceil(p n) for p in 0..1, exact at the first and the last; undefined without values. */
  percentile(p: number): number | undefined {
    if (this.count === 0) return undefined;
    const rank = Math.ceil(p * this.count - 1e-9);
    if (rank >= this.count) return this.max;
    if (rank <= Math.max(1, this.negatives)) return this.min;
    const left = rank - this.negatives - this.zeros;
    if (left <= 0) return 0;
    return Math.min(this.max, Math.max(this.min, middleOf(this.bucketAtRank(left))));
  }

  get mean(): number | undefined {
    return this.count === 0 ? undefined : this.sum / this.count;
  }

  /** How many values lie above `limit`, to the precision of a bucket. */
  countAbove(limit: number): number {
    if (limit >= this.max) return 0;
    if (limit < this.min) return this.count;
    if (limit < 0) return this.count - this.negatives;
    let above = 0;
    const edge = limit > 0 ? bucketOf(limit) : -1;
    this.forEach((bucket, count) => {
      if (bucket > edge) above += count;
    });
    return above;
  }

  /** Visits each bucket that is not empty, in rising order. */
  forEach(visit: (bucket: number, count: number) => void): void {
    this.layOut();
    if (this.packed !== null) {
      const walk = new Walk(this.packed);
      while (walk.next()) visit(walk.bucket, walk.count);
    }
    for (let o = 0; o < OCTAVES; o++) {
      const octave = this.octaves[o];
      if (octave === undefined) continue;
      for (let i = 0; i < PER_OCTAVE; i++) {
        if (octave[i]! > 0) visit(o * PER_OCTAVE + i, octave[i]!);
      }
    }
  }

  /** Visits the middle of each bucket that is not empty with its count; zero and negative values are in none. */
  forEachValue(visit: (value: number, count: number) => void): void {
    this.forEach((bucket, count) => {
      visit(middleOf(bucket), count);
    });
  }

  /** Empties it and keeps its memory, so that recording goes on without allocation. */
  clear(): void {
    this.count = this.sum = this.zeros = this.negatives = 0;
    this.min = Number.POSITIVE_INFINITY;
    this.max = Number.NEGATIVE_INFINITY;
    this.packed = null;
    this.recorded = 0;
    if (this.isLaidOut) for (const octave of this.octaves) octave?.fill(0);
    this.isLaidOut = false;
  }

  /**
   * Appends the sparse form: sum, min, max, varints of zeros and negatives, then the packed buckets. `brief` keeps seven
   * digits of sum, min and max, which is enough for a part of many.
   */
  write(out: ByteWriter, brief = false): void {
    for (const value of [this.sum, this.min, this.max]) brief ? out.brief(value) : out.float(value);
    out.varint(this.zeros);
    out.varint(this.negatives);
    if (this.packed !== null) out.append(this.packed.bytes.subarray(this.packed.from, this.packed.to));
    if (this.isLaidOut) this.writeOctaves(out);
    else this.writeRecent(out);
    endBuckets(out);
  }

  /** Keeps its buckets as it would be read: small, and quick to write and to merge into another. */
  compact(): void {
    if (this.packed !== null) return;
    const { packed } = Histogram.read(new ByteReader(this.toBytes()));
    this.packed = packed;
    this.octaves = NO_OCTAVES;
    this.isLaidOut = false;
    this.recent = NO_RECENT;
    this.recorded = 0;
  }

  toBytes(): Uint8Array {
    const out = new ByteWriter();
    this.write(out);
    return out.bytes();
  }

  /** Bytes of memory that its buckets take. */
  memory(): number {
    return this.packed === null ? this.unfolded() : this.packed.to - this.packed.from;
  }

  /** Bytes of memory that its buckets take once others are merged into it. */
  unfolded(): number {
    this.layOut();
    let octaves = this.packed?.groups ?? 0;
    for (let o = 0; o < OCTAVES; o++) if (this.octaves[o] !== undefined) octaves++;
    return octaves * PER_OCTAVE * Uint32Array.BYTES_PER_ELEMENT;
  }

  /** Reads what `write` wrote, as it was written. Throws a RangeError on bytes that are no histogram. */
  static read(from: ByteReader, brief = false): Histogram {
    const h = new Histogram();
    h.sum = brief ? from.brief() : from.float();
    h.min = brief ? from.brief() : from.float();
    h.max = brief ? from.brief() : from.float();
    h.zeros = from.varint();
    h.negatives = from.varint();
    h.packed = readPacked(from, LIMITS);
    h.count = h.zeros + h.negatives + h.packed.total;
    from.take(h.packed.groups * PER_OCTAVE * Uint32Array.BYTES_PER_ELEMENT);
    if (h.count > 0 && !(h.min <= h.max)) throw new RangeError("histogram without a minimum and a maximum");
    return h;
  }

  private writeRecent(out: ByteWriter): void {
    sort(this.recent, this.recorded);
    let last = -1;
    for (let i = 0; i < this.recorded; ) {
      const bucket = this.recent[i]!;
      const from = i;
      while (i < this.recorded && this.recent[i] === bucket) i++;
      writeBucket(out, bucket - last, i - from);
      last = bucket;
    }
  }

  private writeOctaves(out: ByteWriter): void {
    this.layOut();
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

  private note(bucket: number): void {
    if (this.packed !== null) this.spread();
    if (this.recorded === this.recent.length) this.layOut();
    if (this.recent === NO_RECENT) this.recent = new Uint16Array(RECENT);
    this.recent[this.recorded++] = bucket;
  }

  /** Adds the last values to the octaves. */
  private layOut(): void {
    for (let i = 0; i < this.recorded; i++) this.add(this.recent[i]!, 1);
    this.recorded = 0;
  }

  private add(bucket: number, count: number): void {
    if (this.packed !== null) this.spread();
    this.octave(bucket >>> MANTISSA_BITS)[bucket & (PER_OCTAVE - 1)]! += count;
  }

  /** Lays what was read out in octaves, so that more can be added. */
  private spread(): void {
    const { packed } = this;
    if (packed === null) return;
    this.packed = null;
    this.addPacked(packed);
  }

  private addPacked(packed: Packed): void {
    let octave: Uint32Array = NO_OCTAVE;
    const walk = new Walk(packed);
    for (let at = -1; walk.next(); ) {
      if (walk.bucket >>> MANTISSA_BITS !== at) {
        at = walk.bucket >>> MANTISSA_BITS;
        octave = this.octave(at);
      }
      octave[walk.bucket & (PER_OCTAVE - 1)]! += walk.count;
    }
  }

  private addOctaves(octaves: Histogram["octaves"]): void {
    for (let o = 0; o < OCTAVES; o++) {
      const theirs = octaves[o];
      if (theirs === undefined) continue;
      const ours = this.octave(o);
      for (let i = 0; i < PER_OCTAVE; i++) ours[i]! += theirs[i]!;
    }
  }

  private octave(index: number): Uint32Array {
    this.isLaidOut = true;
    const known = this.octaves[index];
    if (known !== undefined) return known;
    const octave = new Uint32Array(PER_OCTAVE);
    if (this.octaves === NO_OCTAVES) this.octaves = NO_OCTAVES.slice();
    this.octaves[index] = octave;
    return octave;
  }

  private bucketAtRank(rank: number): number {
    this.layOut();
    let left = rank;
    if (this.packed !== null) {
      const walk = new Walk(this.packed);
      while (walk.next()) {
        left -= walk.count;
        if (left <= 0) return walk.bucket;
      }
    }
    for (let o = 0; o < OCTAVES; o++) {
      const octave = this.octaves[o];
      if (octave === undefined) continue;
      for (let i = 0; i < PER_OCTAVE; i++) {
        left -= octave[i]!;
        if (left <= 0) return o * PER_OCTAVE + i;
      }
    }
    return OCTAVES * PER_OCTAVE - 1;
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

export function mergeHistograms(parts: Iterable<Histogram>): Histogram {
  const whole = new Histogram();
  for (const part of parts) whole.merge(part);
  return whole;
}
