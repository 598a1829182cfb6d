/** What one second of a run gave, folded where it arose. Snapshots merge in any order without loss. */
import { ByteReader, ByteWriter } from "./bytes.ts";
import { Histogram } from "./histogram.ts";
import { type Ms, OUTCOMES, type Outcome, UNSENT_CAUSES } from "./model.ts";
import { PackedSeries, type SeriesDelta, writeSeries } from "./series.ts";

export type { SeriesDelta } from "./series.ts";

/** Names of the counters of a series, in the order of `SeriesDelta.counts`; counts of calls per SLO come after them. */
export const COUNTERS = [
  ...OUTCOMES,
  ...UNSENT_CAUSES.map((cause) => `unsent-${cause}` as const),
  "sent-bytes",
  "received-bytes",
  "items",
  "checks-passed",
  "checks-failed",
] as const;
export type Counter = (typeof COUNTERS)[number];

/** Position of each counter. */
export const COUNTER = Object.fromEntries(COUNTERS.map((name, index) => [name, index])) as Record<Counter, number>;

/** Failures of one kind; `message` is masked and bounded. */
export interface FailureCount {
  readonly op: number;
  readonly phase: number;
  readonly outcome: Outcome;
  readonly status: string;
  readonly message: string;
  count: number;
  first: Ms;
  last: Ms;
  /** The first answers of this kind, masked and bounded; at most ANSWERS_KEPT over a run. */
  readonly answers: string[];
}

export const ANSWERS_KEPT = 5;
export const SLOWEST_KEPT = 20;

/** One of the slowest calls of its second; `at` is its end. */
export interface SlowCall {
  readonly op: number;
  readonly phase: number;
  readonly at: Ms;
  readonly latency: Ms;
  readonly outcome: Outcome;
  readonly status: string;
}

/** The slowest of several lists, slowest first. */
export const slowestOf = (calls: readonly SlowCall[]): SlowCall[] =>
  calls.toSorted((a, b) => b.latency - a.latency || a.at - b.at).slice(0, SLOWEST_KEPT);

export interface Snapshot {
  readonly from: Ms;
  readonly to: Ms;
  /** Users there, and calls outstanding, at `to`. */
  readonly users: number;
  readonly inFlight: number;
  readonly series: readonly SeriesDelta[];
  readonly failures: readonly FailureCount[];
  readonly slowest: readonly SlowCall[];
  /** start - due of calls in measured phases, milliseconds. */
  readonly lateness: Histogram;
  /** Lateness of the event loop's own ticks in measured phases, milliseconds. */
  readonly loopDelay: Histogram;
  /** CPU of the generator's process over the second; 100 is one core. */
  readonly cpu: number;
  /** What the clients tell of themselves, by the names of resources; of several workers the sum. */
  readonly gauges?: Readonly<Record<string, number>>;
  /** Adds to a second that was told before: its gauges say nothing. */
  readonly late?: boolean;
}

/** Places of the outcomes of calls that were sent. */
const SENT = OUTCOMES.flatMap((outcome, i) => (outcome === "unsent" ? [] : [i]));

/** Calls that were sent: all outcomes but unsent. */
export function requestsOf(counts: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < SENT.length; i++) sum += counts[SENT[i]!]!;
  return sum;
}

/** The outcomes that are failures. */
export const FAILED_OUTCOMES = OUTCOMES.filter((outcome) => !["ok", "aborted", "unsent"].includes(outcome));

/** All outcomes but ok, aborted and unsent. */
export const failuresOf = (counts: ArrayLike<number>): number =>
  requestsOf(counts) - counts[COUNTER.ok]! - counts[COUNTER.aborted]!;

/** The binary form, for the wire and for the disk; what is in `Beside` is not in it. */
export function encodeSnapshot(snapshot: Snapshot): Uint8Array {
  const out = new ByteWriter();
  for (const value of [snapshot.from, snapshot.to, snapshot.users, snapshot.inFlight, snapshot.cpu]) out.float(value);
  snapshot.lateness.writeBrief(out);
  snapshot.loopDelay.writeBrief(out);
  out.varint(snapshot.series.length);
  for (const series of snapshot.series) writeSeries(out, series);
  return out.bytes();
}

function times<T>(n: number, make: () => T): T[] {
  const made: T[] = [];
  for (let i = 0; i < n; i++) made.push(make());
  return made;
}

/** The parts of a snapshot that are JSON and travel beside its binary form. */
export type Beside = Pick<Snapshot, "failures" | "slowest" | "gauges">;

export interface DecodedSnapshot extends Snapshot {
  readonly series: readonly PackedSeries[];
  /** Bytes of memory that its histograms take once they are merged into others. */
  readonly unfolded: number;
}

/** Reads what `encodeSnapshot` wrote, into at most `room` bytes of histograms. Throws a RangeError on anything else. */
export function decodeSnapshot(bytes: Uint8Array, beside: Beside, room = Number.MAX_VALUE): DecodedSnapshot {
  const from = new ByteReader(bytes, room);
  const [start, to, users, inFlight, cpu] = times(5, () => from.float()) as [number, number, number, number, number];
  const lateness = Histogram.readBrief(from);
  const loopDelay = Histogram.readBrief(from);
  const series = times(from.varint(), () => PackedSeries.read(from));
  if (!from.done) throw new RangeError("bytes after the end of a snapshot");
  return {
    from: start,
    to,
    users,
    inFlight,
    cpu,
    lateness,
    loopDelay,
    series,
    unfolded: room - from.roomLeft,
    failures: beside.failures,
    slowest: beside.slowest,
    ...(beside.gauges === undefined ? {} : { gauges: beside.gauges }),
  };
}

/** Snapshots of the same second from several workers, as one. */
export function mergeSnapshots(parts: readonly Snapshot[]): Snapshot {
  const [first] = parts;
  if (first === undefined) throw new RangeError("no snapshot to merge");
  if (parts.length === 1) return first;
  const lateness = new Histogram();
  const loopDelay = new Histogram();
  for (const part of parts) {
    lateness.merge(part.lateness);
    loopDelay.merge(part.loopDelay);
  }
  const sum = (pick: (part: Snapshot) => number) => parts.reduce((total, part) => total + pick(part), 0);
  return {
    from: first.from,
    to: first.to,
    users: sum((part) => part.users),
    inFlight: sum((part) => part.inFlight),
    cpu: Math.max(...parts.map((part) => part.cpu)),
    series: parts.flatMap((part) => part.series),
    failures: parts.flatMap((part) => part.failures),
    slowest: slowestOf(parts.flatMap((part) => part.slowest)),
    lateness,
    loopDelay,
    gauges: sumGauges(parts.map(({ gauges = {} }) => gauges)),
    ...(parts.every((part) => part.late) ? { late: true } : {}),
  };
}

type Gauges = NonNullable<Snapshot["gauges"]>;

/** Gauges of several clients or workers as one. */
export function sumGauges(parts: readonly Gauges[]): Gauges {
  const sums: Record<string, number> = {};
  for (const [name, value] of parts.flatMap((gauges) => Object.entries(gauges))) sums[name] = (sums[name] ?? 0) + value;
  return sums;
}
