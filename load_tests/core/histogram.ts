/** A mergeable histogram for all units: counts of values by bucket (see buckets.ts), in as little memory as they need. */
import { BUCKETS, bucketOf, MANTISSA_BITS, middleOf } from "./buckets.ts";
import { ByteReader, ByteWriter } from "./bytes.ts";
import { readExtreme, writeExtreme } from "./extreme.ts";
import { OCTAVE_BYTES, Octaves } from "./octaves.ts";
import {
  bucketsAt,
  endBuckets,
  type Packed,
  type Passed,
  passed,
  passPacked,
  readPacked,
  Walk,
  writeFew,
} from "./packed.ts";

/** Values that are kept as they come: a second of one endpoint often has no more. */
const RECENT = 32;
const NO_RECENT = new Uint16Array(0);
const NO_EXTREMES = "histogram without a minimum and a maximum";
const LIMITS = { buckets: BUCKETS, groupBits: MANTISSA_BITS };

/** Counts of values by bucket. Zero and negative values are counted apart; min, max and sum are exact. */
export class Histogram {
  count = 0;
  sum = 0;
  min = Number.POSITIVE_INFINITY;
  max = Number.NEGATIVE_INFINITY;
  zeros = 0;
  negatives = 0;
  private octaves: Octaves | null = null;
  /** Buckets of the last values, not yet laid out in octaves: of few values they are all, and a few lines of cache. */
  private recent = NO_RECENT;
  private recorded = 0;
  /** As they were read, and nothing else then: most are merged once and dropped, which needs no octaves. */
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
    if (other.octaves?.isUsed) this.laidOut().merge(other.octaves);
    if (other.recorded > 0) this.laidOut().addEach(other.recent, other.recorded);
  }

  /** Merges one straight from its brief form, which `passBrief` found sound. */
  mergeBrief(from: ByteReader): void {
    const zeros = from.varint();
    const negatives = from.varint();
    this.spread();
    const { total, first, last } = this.laidOut().addPacked(from);
    const count = zeros + negatives + total;
    if (count === 0) return;
    this.count += count;
    this.zeros += zeros;
    this.negatives += negatives;
    this.sum += from.brief();
    this.min = Math.min(this.min, readExtreme(from, count > total ? -1 : first));
    this.max = Math.max(this.max, readExtreme(from, last));
  }

  /** Takes away what was merged before. Minimum and maximum stay, for the caller to set. */
  remove(other: Histogram): void {
    this.count -= other.count;
    this.sum -= other.sum;
    this.zeros -= other.zeros;
    this.negatives -= other.negatives;
    if (other.count > other.zeros + other.negatives) this.laidOutWhole().remove(other.laidOutWhole());
  }

  /** The value of nearest rank ceil(p n) for p in 0..1, exact at the first and the last; undefined without values. */
  percentile(p: number): number | undefined {
    return this.percentiles([p])?.[0];
  }

  /** The same of several, which rise. */
  percentiles(several: readonly number[]): number[] | undefined {
    const { count, min, max, zeros, negatives } = this;
    if (count === 0) return undefined;
    const ranks = several.map((p) => Math.ceil(p * count - 1e-9));
    const within = (rank: number): boolean => rank < count && rank > Math.max(1, negatives) && rank > negatives + zeros;
    const buckets = this.bucketsAt(ranks.filter(within).map((rank) => rank - negatives - zeros));
    let next = 0;
    return ranks.map((rank) => {
      if (rank >= count) return max;
      if (rank <= Math.max(1, negatives)) return min;
      if (!within(rank)) return 0;
      return Math.min(max, Math.max(min, middleOf(buckets[next++]!)));
    });
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
    this.octaves?.forEach(visit);
    if (this.packed === null) return;
    const walk = new Walk(this.packed);
    while (walk.next()) visit(walk.bucket, walk.count);
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
    this.octaves?.clear();
  }

  /** Appends the sparse form: sum, min, max, varints of zeros and negatives, then the packed buckets. */
  write(out: ByteWriter): void {
    for (const value of [this.sum, this.min, this.max]) out.float(value);
    out.varint(this.zeros);
    out.varint(this.negatives);
    this.writeBuckets(out);
  }

  /** Appends it for a part of many, with seven digits of sum, min and max: they come last, and only where there are values. */
  writeBrief(out: ByteWriter): void {
    out.varint(this.zeros);
    out.varint(this.negatives);
    this.writeBuckets(out);
    if (this.count === 0) return;
    out.brief(this.sum);
    writeExtreme(out, this.min);
    writeExtreme(out, this.max);
  }

  private writeBuckets(out: ByteWriter): void {
    if (this.packed !== null) out.append(this.packed.bytes.subarray(this.packed.from, this.packed.to));
    else if (this.octaves?.isUsed) this.laidOut().write(out);
    else writeFew(out, this.recent, this.recorded);
    endBuckets(out);
  }

  /** Keeps its buckets as it would be read: small, and quick to write and to merge into another. */
  compact(): void {
    if (this.packed !== null) return;
    const { packed } = Histogram.read(new ByteReader(this.toBytes()));
    this.packed = packed;
    this.octaves = null;
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
    return (this.packed?.groups ?? 0) * OCTAVE_BYTES + (this.octaves?.memory() ?? 0);
  }

  /** Reads what `write` wrote, as it was written. Throws a RangeError on bytes that are no histogram. */
  static read(from: ByteReader): Histogram {
    const h = new Histogram();
    h.sum = from.float();
    h.min = from.float();
    h.max = from.float();
    h.readCounts(from);
    if (h.count > 0 && !(h.min <= h.max)) throw new RangeError(NO_EXTREMES);
    return h;
  }

  /** Reads what `writeBrief` wrote. Throws as `read` does. */
  static readBrief(from: ByteReader): Histogram {
    const h = new Histogram();
    const { first, last } = h.readCounts(from);
    if (h.count === 0) return h;
    h.sum = from.brief();
    h.min = readExtreme(from, h.zeros + h.negatives > 0 ? -1 : first);
    h.max = readExtreme(from, last);
    if (!(h.min <= h.max)) throw new RangeError(NO_EXTREMES);
    return h;
  }

  /** Passes what `writeBrief` wrote. Throws as `read` does. */
  static passBrief(from: ByteReader): void {
    const others = from.varint() + from.varint();
    const { total, groups, first, last } = passPacked(from, LIMITS);
    from.take(groups * OCTAVE_BYTES);
    if (others + total === 0) return;
    from.brief();
    const min = readExtreme(from, others > 0 ? -1 : first);
    if (!(min <= readExtreme(from, last))) throw new RangeError(NO_EXTREMES);
  }

  private readCounts(from: ByteReader): Passed {
    this.zeros = from.varint();
    this.negatives = from.varint();
    this.packed = readPacked(from, LIMITS);
    this.count = this.zeros + this.negatives + this.packed.total;
    from.take(this.packed.groups * OCTAVE_BYTES);
    return passed;
  }

  private note(bucket: number): void {
    if (this.packed !== null) this.spread();
    if (this.recorded === this.recent.length) this.layOut();
    if (this.recent === NO_RECENT) this.recent = new Uint16Array(RECENT);
    this.recent[this.recorded++] = bucket;
  }

  /** Adds the last values to the octaves. */
  private layOut(): void {
    if (this.recorded > 0) this.laidOut();
  }

  /** Its octaves, with all values in them. */
  private laidOut(): Octaves {
    this.octaves ??= new Octaves();
    const { recorded } = this;
    this.recorded = 0;
    this.octaves.addEach(this.recent, recorded);
    return this.octaves;
  }

  /** The same of one that was read. */
  private laidOutWhole(): Octaves {
    this.spread();
    return this.laidOut();
  }

  /** Lays what was read out in octaves, so that more can be added. */
  private spread(): void {
    const { packed } = this;
    if (packed === null) return;
    this.packed = null;
    this.addPacked(packed);
  }

  private addPacked(packed: Packed): void {
    if (packed.total === 0) return;
    const from = new ByteReader(packed.bytes);
    from.seek(packed.from);
    this.laidOut().addPacked(from);
  }

  private bucketsAt(ranks: readonly number[]): number[] {
    if (ranks.length === 0) return [];
    return this.packed === null ? this.laidOut().bucketsAt(ranks) : bucketsAt(this.packed, ranks);
  }
}

export function mergeHistograms(parts: Iterable<Histogram>): Histogram {
  const whole = new Histogram();
  for (const part of parts) whole.merge(part);
  return whole;
}
