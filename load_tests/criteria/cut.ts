/** Calls that were cut unanswered at the end: what they prove although no one knows how long they would have taken. */
import { Histogram } from "../core/histogram.ts";
import type { RunResult, Series } from "../core/ledger.ts";
import type { Ms } from "../core/model.ts";
import { spanOf } from "../core/past.ts";
import { COUNTER } from "../core/snapshot.ts";
import { amount, counted } from "./amount.ts";

export interface CutCalls {
  readonly count: number;
  /** The least that each had lasted when it was cut. */
  readonly age: Ms;
}

/**
 * The calls of some series that were cut. All had been due by the end of their phase, so that none is younger than the
 * time from there to the first second in which any call was cut.
 */
export function cutCalls(result: RunResult, series: readonly Series[]): CutCalls {
  const { phases } = result.header.scenario;
  const parts = series.filter(({ counts }) => counts[COUNTER.aborted]! > 0);
  const count = parts.reduce((sum, { counts }) => sum + counts[COUNTER.aborted]!, 0);
  const first = result.seconds.find(({ aborted }) => aborted > 0);
  if (first === undefined || count === 0) return { count, age: 0 };
  const ends = parts.map(({ phase }) => Math.min(result.duration, phases[phase]!.start + phases[phase]!.duration));
  return { count, age: Math.max(0, (first.t - spanOf(first)) * 1000 - Math.max(...ends)) };
}

/** The latencies as they would be at the very least had the cut calls been answered at the instant they were cut. */
export function withCutCalls(latency: Histogram, cut: CutCalls): Histogram {
  const whole = new Histogram();
  whole.merge(latency);
  for (let i = 0; i < cut.count; i++) whole.record(cut.age);
  return whole;
}

export const cutInWords = ({ count, age }: CutCalls): string =>
  `${counted(count, "call")} cut unanswered counted with the ${amount(age, "ms")} that had passed by then`;
