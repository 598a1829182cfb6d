/** Folds the deltas of endpoints into totals of the run and into blocks of some seconds, with one merge a delta. */
import { type Block, inPairs, MOST_BLOCKS, packed } from "./blocks.ts";
import { Histogram, mergeHistograms } from "./histogram.ts";
import type { Ms, OpInfo } from "./model.ts";
import { mergeSeries, type SeriesDelta } from "./series.ts";
import { COUNTERS } from "./snapshot.ts";

/** All of one endpoint in one phase. */
export interface Series extends SeriesDelta {
  readonly info: OpInfo;
}

const PHASES = 1_000_003;
const keyOf = ({ op, phase }: SeriesDelta): number => op * PHASES + phase;

function groupsOf(deltas: readonly SeriesDelta[]): Map<number, SeriesDelta[]> {
  const groups = new Map<number, SeriesDelta[]>();
  for (const delta of deltas) {
    const group = groups.get(keyOf(delta));
    if (group === undefined) groups.set(keyOf(delta), [delta]);
    else group.push(delta);
  }
  return groups;
}

/** Seconds that wait to be folded together, series by series: a series' buckets then stay in the processor's cache. */
const TOGETHER = 32;

/** What the block under way has of one series. */
type Part = Pick<SeriesDelta, "op" | "phase" | "latency" | "service">;

const isEmpty = ({ latency, service }: Part): boolean => latency.count === 0 && service.count === 0;

/** Latency goes into the block under way, and into the totals when that is over; all else goes into the totals at once. */
export class SeriesFold {
  private readonly ops: readonly OpInfo[];
  private length: Ms;
  private readonly totals = new Map<number, Series>();
  private closed: Block[] = [];
  /** Emptied and used again from block to block. */
  private readonly parts = new Map<number, Part>();
  private waiting: (readonly SeriesDelta[])[] = [];
  private end: Ms;

  /** `length`: of a block, in milliseconds. */
  constructor(ops: readonly OpInfo[], length: Ms) {
    this.ops = ops;
    this.length = length;
    this.end = length;
  }

  /** Adds what a second that begins at `from` gave. */
  add(deltas: readonly SeriesDelta[], from: Ms): void {
    if (from >= this.end) this.close(from);
    this.waiting.push(deltas);
    if (this.waiting.length >= TOGETHER) this.fold();
  }

  /** The totals so far, in the order in which endpoints and phases first gave something. */
  wholes(): Series[] {
    this.fold();
    return [...this.totals].map(([key, whole]) => {
      const part = this.parts.get(key);
      if (part === undefined || isEmpty(part)) return whole;
      const latency = mergeHistograms([whole.latency, part.latency]);
      return { ...whole, latency, service: mergeHistograms([whole.service, part.service]) };
    });
  }

  /** All blocks, the one under way too. */
  blocks(): Block[] {
    this.fold();
    return [...this.closed, ...this.open()];
  }

  /** Bytes of memory that the buckets of all series take. */
  memory(): number {
    this.fold();
    const wholes = [...this.totals.values()].flatMap(({ latency, service, metrics }) => [latency, service, ...metrics]);
    const parts = [...this.parts.values()].flatMap(({ latency, service }) => [latency, service]);
    return [...wholes, ...parts].reduce((sum, histogram) => sum + histogram.memory(), 0);
  }

  private fold(): void {
    const bySeries = groupsOf(this.waiting.flat());
    this.waiting = [];
    for (const [key, deltas] of bySeries) {
      const whole = this.wholeOf(key, deltas[0]!);
      const part = this.partOf(key, whole);
      const into = { latency: part.latency, service: part.service, metrics: whole.metrics };
      for (const delta of deltas) {
        addCounts(whole, delta);
        mergeSeries(delta, into);
      }
    }
  }

  private close(now: Ms): void {
    this.fold();
    this.closed.push(...this.open());
    for (const [key, part] of this.parts) {
      const whole = this.totals.get(key)!;
      if (isEmpty(part)) this.rest(key, whole);
      else this.settle(part, whole);
    }
    while (this.end <= now) this.end += this.length;
    this.lengthen();
  }

  /** Blocks without an end to their number would fill the memory: pairs become one, and those to come are as long. */
  private lengthen(): void {
    const from = this.end - this.length;
    if (this.closed.length < MOST_BLOCKS || from % (2 * this.length) !== 0) return;
    this.length *= 2;
    this.end = from + this.length;
    this.closed = inPairs(this.closed, this.length);
  }

  private settle({ latency, service }: Part, whole: Series): void {
    whole.latency.merge(latency);
    whole.service.merge(service);
    latency.clear();
    service.clear();
  }

  /** A series to which a whole block added nothing, of a phase that is over for instance, may be small. */
  private rest(key: number, { latency, service, metrics }: Series): void {
    this.parts.delete(key);
    for (const each of [latency, service, ...metrics]) each.compact();
  }

  private wholeOf(key: number, like: SeriesDelta): Series {
    const known = this.totals.get(key);
    if (known !== undefined) return known;
    const whole = { ...emptyDelta(like), info: this.ops[like.op]! };
    this.totals.set(key, whole);
    return whole;
  }

  private partOf(key: number, { op, phase }: SeriesDelta): Part {
    const known = this.parts.get(key);
    if (known !== undefined) return known;
    const part = { op, phase, latency: new Histogram(), service: new Histogram() };
    this.parts.set(key, part);
    return part;
  }

  /** The block under way, in its binary form; none while it is empty. */
  private open(): Block[] {
    const parts = [...this.parts.values()].filter((part) => !isEmpty(part));
    if (parts.length === 0) return [];
    return [{ from: this.end - this.length, to: this.end, series: packed(parts) }];
  }
}

const emptyDelta = (like: SeriesDelta): SeriesDelta => ({
  op: like.op,
  phase: like.phase,
  counts: like.counts.map(() => 0),
  latency: new Histogram(),
  service: new Histogram(),
  metrics: like.metrics.map(() => new Histogram()),
});

function addCounts(whole: SeriesDelta, { counts }: SeriesDelta): void {
  for (let i = 0; i < counts.length; i++) whole.counts[i]! += counts[i]!;
}

/** Several series as one, for totals and scopes; metrics are left to the caller. */
export function sumSeries(parts: readonly SeriesDelta[]): SeriesDelta {
  const width = Math.max(COUNTERS.length, ...parts.map((part) => part.counts.length));
  const whole = {
    op: -1,
    phase: -1,
    counts: new Array<number>(width).fill(0),
    latency: new Histogram(),
    service: new Histogram(),
    metrics: [],
  };
  for (const part of parts) {
    addCounts(whole, part);
    whole.latency.merge(part.latency);
    whole.service.merge(part.service);
  }
  return whole;
}
