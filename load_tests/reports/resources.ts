/** What a run used beside its calls, as the result file keeps it. */
import { z } from "zod";
import { DamagedResult } from "../core/damaged.ts";
import { type ResourceSeries, resourceUnit, thinned } from "../core/resource.ts";
import { measure } from "./figures.ts";

/** `samples` are `[end of a second, value]`; in long runs the highest of some seconds, `mean` and `max` are of all. */
export interface Resource {
  readonly name: string;
  readonly source: string;
  readonly unit: string;
  readonly samples: readonly (readonly [t_s: number, value: number])[];
  readonly mean: number;
  readonly max: number;
}

const MOST_SAMPLES = 1800;
const DIGITS = 4;

export const resourceReport = (series: ResourceSeries): Resource => ({
  name: series.name,
  source: series.source,
  unit: series.unit,
  samples: thinned(series, MOST_SAMPLES).map(([t, value]) => [t, Number(value.toPrecision(DIGITS))] as const),
  mean: measure(series.mean)!,
  max: measure(series.max)!,
});

const text = z.string().max(1000);

export const resourceSchema = z.object({
  name: text,
  source: text,
  unit: text,
  samples: z.array(z.tuple([z.number(), z.number()])).max(2 * MOST_SAMPLES),
  mean: z.number(),
  max: z.number(),
});

/** The series that a result file keeps. Throws a DamagedResult on a name that is none. */
export function storedResource({ name, source, samples, mean, max }: Resource): ResourceSeries {
  const unit = resourceUnit(name);
  if (unit === undefined) throw new DamagedResult(`it measures ${name}, which Tenfold does not know`);
  return { name, source, unit, t: samples.map(([t]) => t), values: samples.map(([, value]) => value), mean, max };
}
