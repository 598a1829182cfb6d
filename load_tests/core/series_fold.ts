/** Folds the deltas of endpoints into totals of the run and into blocks of some seconds, with one merge a delta. */
import { type Block, inPairs, MOST_BLOCKS, packed } from "./blocks.ts";
import { Histogram } from "./histogram.ts";
import type { Ms, OpInfo } from "./model.ts";
import { COUNTERS, type SeriesDelta } from "./snapshot.ts";

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
const TOGETHER = 16;

/** Deltas go into the block under way; a block that is over goes into the totals. Deltas belong to the fold once added. */
export class SeriesFold {
  private readonly ops: readonly OpInfo[];
  private length: Ms;
  private readonly totals = new Map<number, Series>();
  private closed: Block[] = [];
  private block = new Map<number, SeriesDelta>();
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
    const wholes = new Map(this.totals);
    for (const [key, part] of this.block) {
      const whole = this.wholeOf(part, null);
      const known = this.totals.get(key);
      if (known !== undefined) addDelta(whole, known);
      addDelta(whole, part);
      wholes.set(key, whole);
    }
    return [...wholes.values()];
  }

  /** All blocks, the one under way too. */
  blocks(): Block[] {
    this.fold();
    return [...this.closed, ...this.open()];
  }

  private fold(): void {
    const bySeries = groupsOf(this.waiting.flat());
    this.waiting = [];
    for (const [key, deltas] of bySeries) {
      const part = this.block.get(key) ?? emptyDelta(deltas[0]!);
      this.block.set(key, part);
      for (const delta of deltas) addDelta(part, delta);
    }
  }

  private close(now: Ms): void {
    this.fold();
    for (const { latency, service } of this.block.values()) {
      latency.compact();
      service.compact();
    }
    this.closed.push(...this.open());
    for (const [key, part] of this.block) {
      const whole = this.wholeOf(part, this.totals.get(key) ?? null);
      this.totals.set(key, whole);
      addDelta(whole, part);
    }
    this.compactOthers();
    this.block = new Map();
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

  /** Totals to which this block added nothing, of a phase that is over for instance, may be small. */
  private compactOthers(): void {
    for (const [key, { latency, service, metrics }] of this.totals) {
      if (!this.block.has(key)) for (const each of [latency, service, ...metrics]) each.compact();
    }
  }

  private wholeOf(part: SeriesDelta, known: Series | null): Series {
    return known ?? { ...emptyDelta(part), info: this.ops[part.op]! };
  }

  /** The block under way, in its binary form; none while it is empty. */
  private open(): Block[] {
    if (this.block.size === 0) return [];
    return [{ from: this.end - this.length, to: this.end, series: packed([...this.block.values()]) }];
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

function addDelta(whole: SeriesDelta, delta: SeriesDelta): void {
  for (let i = 0; i < delta.counts.length; i++) whole.counts[i]! += delta.counts[i]!;
  whole.latency.merge(delta.latency);
  whole.service.merge(delta.service);
  delta.metrics.forEach((metric, i) => {
    whole.metrics[i]!.merge(metric);
  });
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
  for (const part of parts) addDelta(whole, { ...part, metrics: [] });
  return whole;
}
