/** The histograms of a run as text, so that a result file stands alone: all percentiles can be built again from it. */
import { constants, deflateSync, inflateSync } from "node:zlib";
import { ByteReader } from "../core/bytes.ts";
import { Histogram } from "../core/histogram.ts";
import type { Block, Series } from "../core/ledger.ts";
import type { Report } from "../core/plugin.ts";
import { COUNTERS } from "../core/snapshot.ts";
import { endpointIndexes } from "./endpoints.ts";
import { type StoredRun, storedRun } from "./stored_run.ts";

/** All of one endpoint in one phase; `data` holds its latency, its service time, then each of `metrics`. */
export interface StoredSeries {
  /** Position in `run.header.ops`. */
  readonly op: number;
  /** Position in `endpoints`. */
  readonly endpoint: number;
  /** Position in `phases`. */
  readonly phase: number;
  /** By `counters`, then the calls that met each `slo(...)` criterion. */
  readonly counts: readonly number[];
  readonly metrics: readonly string[];
  readonly data: string;
}

/** A stretch of the run, packed when it is read, as all blocks together are large; `data` holds latency and service time of each pair of `series`, in that order. */
export interface StoredBlock {
  readonly from_s: number;
  readonly to_s: number;
  /** Pairs of positions in `endpoints` and `phases`; one that comes twice is to be merged. */
  readonly series: readonly (readonly [endpoint: number, phase: number])[];
  readonly data: string;
}

export interface StoredHistograms {
  readonly encoding: string;
  readonly counters: readonly string[];
  readonly series: readonly StoredSeries[];
  readonly blocks: readonly StoredBlock[];
  /** Of calls of measured phases, milliseconds. */
  readonly lateness: string;
  readonly event_loop_delay: string;
  readonly run: StoredRun;
}

export const ENCODING =
  "base64 of zlib-deflated histograms, one after the other. Each: float64 sum, min, max (little-endian), then LEB128 varints: " +
  "zeros, negatives, and for each bucket twice its step from the bucket before (the first from -1), one more where its count is " +
  "above 1 and the count less 2 follows; 0 ends them. Bucket b holds the float64 values whose upper 20 bits below the sign are " +
  "(1003 << 9) + b. Milliseconds, or the unit of the metric.";

/** Buckets hardly repeat: without a search for that it takes two thirds of the fastest level's time, and fewer bytes. */
const pack = (parts: readonly Uint8Array[]): string =>
  deflateSync(Buffer.concat(parts), { strategy: constants.Z_HUFFMAN_ONLY }).toString("base64");

/** Reads a `data` text back. Throws an Error on text that is none. */
export function unpackHistograms(data: string): Histogram[] {
  const reader = new ByteReader(inflateSync(Buffer.from(data, "base64")));
  const histograms: Histogram[] = [];
  while (!reader.done) histograms.push(Histogram.read(reader));
  return histograms;
}

const storedSeries = (series: Series, endpoint: number): StoredSeries => ({
  op: series.op,
  endpoint,
  phase: series.phase,
  counts: series.counts,
  metrics: series.info.metrics.map((metric) => metric.name),
  get data() {
    return pack([series.latency, series.service, ...series.metrics].map((histogram) => histogram.toBytes()));
  },
});

const storedBlock = (block: Block, indexes: readonly number[]): StoredBlock => ({
  from_s: block.from / 1000,
  to_s: block.to / 1000,
  series: block.series.map(({ op, phase }) => [indexes[op]!, phase] as const),
  get data() {
    return pack(block.series.flatMap(({ latency, service }) => [latency, service]));
  },
});

export function storedHistograms(report: Report): StoredHistograms {
  const { result } = report;
  const indexes = endpointIndexes(result.header.ops);
  return {
    encoding: ENCODING,
    counters: COUNTERS,
    series: result.series.map((series) => storedSeries(series, indexes[series.op]!)),
    blocks: result.blocks.map((block) => storedBlock(block, indexes)),
    lateness: pack([result.lateness.toBytes()]),
    event_loop_delay: pack([result.loopDelay.toBytes()]),
    run: storedRun(report),
  };
}
