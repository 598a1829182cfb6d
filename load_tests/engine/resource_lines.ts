/** Resources in `timeline.jsonl`: a line for each that is new (`resource`), and a line a second with the values of all, in their order (`resources`). */
import { z } from "zod";
import { DamagedResult } from "../core/damaged.ts";
import { type Reading, type ResourceInfo, resourceUnit } from "../core/resource.ts";
import { checked } from "../core/run_schema.ts";

const MOST_RESOURCES = 2000;
const LONGEST = 500;
/** A run of two weeks, in seconds. */
const LATEST = 14 * 86_400;

/** Makes the lines of each second. */
export function resourceWriter(): (t: number, readings: readonly Reading[]) => object[] {
  const places = new Map<string, number>();
  return (t, readings) => {
    const fresh = readings.filter(({ name }) => !places.has(name) && places.size < MOST_RESOURCES);
    for (const { name } of fresh) places.set(name, places.size);
    const values: (number | null)[] = Array.from(places, () => null);
    for (const { name, value } of readings) {
      const place = places.get(name);
      if (place !== undefined) values[place] = value;
    }
    const told = fresh.map(({ name, source, unit }) => ({ kind: "resource", name, source, unit }));
    return [...told, { kind: "resources", t, values }];
  };
}

const infoSchema = z.object({ name: z.string().max(LONGEST), source: z.string().max(LONGEST), unit: z.string() });
const valuesSchema = z.object({
  t: z.number().int().min(1).max(LATEST),
  values: z.array(z.number().nullable()).max(MOST_RESOURCES),
});

export interface ResourceReader {
  /** Takes a `resource` line. */
  learn(line: unknown): void;
  /** The readings of a `resources` line, and the end of their second. Throws a DamagedResult. */
  read(line: unknown): { readonly t: number; readonly readings: Reading[] };
}

export function resourceReader(): ResourceReader {
  const known: ResourceInfo[] = [];
  return {
    learn: (line) => {
      const { name, source } = checked(infoSchema, line);
      const unit = resourceUnit(name);
      if (unit === undefined || known.length >= MOST_RESOURCES)
        throw new DamagedResult("it measures a resource that Tenfold does not know");
      known.push({ name, source, unit });
    },
    read: (line) => {
      const { t, values } = checked(valuesSchema, line);
      if (values.length > known.length) throw new DamagedResult("it has values of a resource that it does not name");
      const readings = values.flatMap((value, i) => (value === null ? [] : [{ ...known[i]!, value }]));
      return { t, readings };
    },
  };
}
