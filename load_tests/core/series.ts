/** What one endpoint gave in one phase, in memory and as it is written. */
import { ByteReader, type ByteWriter } from "./bytes.ts";
import { Histogram } from "./histogram.ts";

/** Counts and histograms (milliseconds) of one endpoint in one phase. `op` and `phase` are positions in the header. */
export interface SeriesDelta {
  readonly op: number;
  readonly phase: number;
  /** By COUNTER, then calls that met each SLO. */
  readonly counts: number[];
  readonly latency: Histogram;
  readonly service: Histogram;
  /** By `OpInfo.metrics`. */
  readonly metrics: Histogram[];
}

type Histograms = Pick<SeriesDelta, "latency" | "service" | "metrics">;

export function writeSeries(out: ByteWriter, series: SeriesDelta): void {
  out.varint(series.op);
  out.varint(series.phase);
  out.varint(series.counts.length);
  for (const count of series.counts) out.varint(count);
  if (series instanceof PackedSeries) series.writeHistograms(out);
  else writeHistograms(out, series);
}

function writeHistograms(out: ByteWriter, { latency, service, metrics }: Histograms): void {
  latency.writeBrief(out);
  service.writeBrief(out);
  out.varint(metrics.length);
  for (const metric of metrics) metric.writeBrief(out);
}

/** Where the histograms of a series lie: `from` is of the whole snapshot, and set to `at` before each use. */
interface Lying {
  readonly from: ByteReader;
  readonly at: number;
  readonly end: number;
  readonly metrics: number;
}

/** One that was read: its histograms stay where they lie, and most are merged from there without ever being made. */
export class PackedSeries implements SeriesDelta {
  readonly op: number;
  readonly phase: number;
  readonly counts: number[];
  private readonly lying: Lying;

  private constructor(op: number, phase: number, counts: number[], lying: Lying) {
    this.op = op;
    this.phase = phase;
    this.counts = counts;
    this.lying = lying;
  }

  /** Passes what `writeSeries` wrote. Throws a RangeError on anything else. */
  static read(from: ByteReader): PackedSeries {
    const op = from.varint();
    const phase = from.varint();
    const counts: number[] = [];
    for (let left = from.varint(); left > 0; left--) counts.push(from.varint());
    const at = from.position;
    Histogram.passBrief(from);
    Histogram.passBrief(from);
    const metrics = from.varint();
    for (let i = 0; i < metrics; i++) Histogram.passBrief(from);
    return new PackedSeries(op, phase, counts, { from, at, end: from.position, metrics });
  }

  /** The same by another op. */
  of(op: number): PackedSeries {
    return new PackedSeries(op, this.phase, this.counts, this.lying);
  }

  get latency(): Histogram {
    return this.made().latency;
  }

  get service(): Histogram {
    return this.made().service;
  }

  get metrics(): Histogram[] {
    return this.made().metrics;
  }

  /** How many metrics it has. */
  get width(): number {
    return this.lying.metrics;
  }

  mergeLatency(into: Histogram): void {
    const { from, at } = this.lying;
    from.seek(at);
    into.mergeBrief(from);
  }

  /** Into one with as many metrics. */
  mergeInto({ latency, service, metrics }: Histograms): void {
    const { from, at } = this.lying;
    from.seek(at);
    latency.mergeBrief(from);
    service.mergeBrief(from);
    from.varint();
    for (const metric of metrics) metric.mergeBrief(from);
  }

  writeHistograms(out: ByteWriter): void {
    const { from, at, end } = this.lying;
    out.append(from.octets.subarray(at, end));
  }

  private made(): Histograms {
    const { at, metrics } = this.lying;
    const from = new ByteReader(this.lying.from.octets);
    from.seek(at);
    const next = () => Histogram.readBrief(from);
    const [latency, service] = [next(), next()];
    from.varint();
    return { latency, service, metrics: Array.from({ length: metrics }, next) };
  }
}

/** Merges the histograms of a series into others. */
export function mergeSeries(series: SeriesDelta, into: Histograms): void {
  if (series instanceof PackedSeries) {
    series.mergeInto(into);
    return;
  }
  into.latency.merge(series.latency);
  into.service.merge(series.service);
  for (let i = 0; i < series.metrics.length; i++) into.metrics[i]!.merge(series.metrics[i]!);
}

/** The latencies of several series as one histogram. */
export function latencyOf(several: readonly SeriesDelta[]): Histogram {
  const whole = new Histogram();
  for (const series of several)
    if (series instanceof PackedSeries) series.mergeLatency(whole);
    else whole.merge(series.latency);
  return whole;
}
