/** Histograms of stretches of a run in their binary form, for comparisons within and between runs. */
import { ByteReader, ByteWriter } from "./bytes.ts";
import { isEndless } from "./endless.ts";
import { Histogram, mergeHistograms } from "./histogram.ts";
import type { Ms } from "./model.ts";
import type { SeriesDelta } from "./snapshot.ts";

export interface Block {
  readonly from: Ms;
  readonly to: Ms;
  readonly series: readonly BlockSeries[];
}

interface BlockSeries {
  readonly op: number;
  readonly phase: number;
  readonly latency: Uint8Array;
  readonly service: Uint8Array;
}

/** Runs that end have 180, or fewer of 10 s. */
const BLOCKS = 180;
/** Where a run without an end has so many, they are lengthened. */
export const MOST_BLOCKS = 2 * BLOCKS;
/** Runs without an end have at first the blocks of one that lasts so long. */
const DAY: Ms = 86_400_000;

export const blockLength = (duration: Ms): Ms =>
  Math.max(10_000, Math.ceil((isEndless(duration) ? DAY : duration) / BLOCKS / 1000) * 1000);

type Histograms = Pick<SeriesDelta, "op" | "phase" | "latency" | "service">;

/** All series of a block, beside one another in memory. */
export function packed(parts: readonly Histograms[]): BlockSeries[] {
  const out = new ByteWriter();
  const places = parts.map(({ op, phase, latency, service }) => {
    const start = out.position;
    latency.write(out);
    const middle = out.position;
    service.write(out);
    return { op, phase, start, middle, end: out.position };
  });
  const bytes = out.bytes();
  return places.map(({ op, phase, start, middle, end }) => ({
    op,
    phase,
    latency: bytes.subarray(start, middle),
    service: bytes.subarray(middle, end),
  }));
}

const read = (bytes: Uint8Array): Histogram => Histogram.read(new ByteReader(bytes));

function grouped<T>(items: readonly T[], keyOf: (item: T) => string | number): T[][] {
  const groups = new Map<string | number, T[]>();
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]);
  return [...groups.values()];
}

function merged(blocks: readonly Block[]): BlockSeries[] {
  const all = blocks.flatMap(({ series }) => series);
  const parts = grouped(all, ({ op, phase }) => `${op} ${phase}`).map((same) => ({
    op: same[0]!.op,
    phase: same[0]!.phase,
    latency: mergeHistograms(same.map(({ latency }) => read(latency))),
    service: mergeHistograms(same.map(({ service }) => read(service))),
  }));
  return packed(parts);
}

/** Blocks as blocks of `length`, which is twice their own. */
export function inPairs(blocks: readonly Block[], length: Ms): Block[] {
  const indexOf = ({ from }: Block): number => Math.floor(from / length);
  return grouped(blocks, indexOf).map((pair) => {
    const from = indexOf(pair[0]!) * length;
    return { from, to: from + length, series: merged(pair) };
  });
}
