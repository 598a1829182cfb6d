/** The histograms of a result file, read back in bounded memory. */
import { inflateSync } from "node:zlib";
import { ByteReader } from "../core/bytes.ts";
import { DamagedResult } from "../core/damaged.ts";
import { Histogram } from "../core/histogram.ts";
import type { Block, Series } from "../core/ledger.ts";
import type { RunHeader } from "../core/model.ts";
import type { Stored } from "./result_schema.ts";

const MEGABYTE = 1024 * 1024;
/** Of all that a file's texts inflate to, and of the histograms that are kept as such. */
const MOST_INFLATED = 384 * MEGABYTE;
const MOST_HISTOGRAMS = 384 * MEGABYTE;

/** What one file may still take of memory. */
export interface Room {
  inflated: number;
  histograms: number;
}

export function inflated(text: string, room: Room): Buffer {
  const bytes = inflateSync(Buffer.from(text, "base64"), { maxOutputLength: Math.max(1, room.inflated) });
  room.inflated -= bytes.length;
  return bytes;
}

export function histogramsIn(text: string, number: number, room: Room): Histogram[] {
  const reader = new ByteReader(inflated(text, room), room.histograms);
  const histograms = Array.from({ length: number }, () => Histogram.read(reader));
  if (!reader.done) throw new DamagedResult("it has histograms that belong to nothing");
  room.histograms = reader.roomLeft;
  return histograms;
}

export function seriesOf({ series }: Stored, header: RunHeader, room: Room): Series[] {
  return series.map(({ op, phase, counts, data }) => {
    const info = header.ops[op]!;
    const [latency, service, ...metrics] = histogramsIn(data, 2 + info.metrics.length, room);
    return { op, phase, info, counts, latency: latency!, service: service!, metrics };
  });
}

/** The histograms of a block stay in their binary form; each is read once, so that only sound ones are kept. */
export function blockOf(
  { from_s, to_s, series, data }: Stored["blocks"][number],
  ops: readonly number[],
  room: Room,
): Block {
  const reader = new ByteReader(inflated(data, room));
  const next = (): Uint8Array => {
    const start = reader.position;
    Histogram.read(reader);
    return reader.since(start);
  };
  const read = series.map(([endpoint, phase]) => {
    const op = ops[endpoint];
    if (op === undefined) throw new DamagedResult("a block speaks of an endpoint that the run does not have");
    return { op, phase, latency: next(), service: next() };
  });
  if (!reader.done) throw new DamagedResult("a block has histograms that belong to nothing");
  return { from: from_s * 1000, to: to_s * 1000, series: read };
}

export const wholeRoom = (): Room => ({ inflated: MOST_INFLATED, histograms: MOST_HISTOGRAMS });
