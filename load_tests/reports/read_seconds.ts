/** The seconds of a result file, read back. */
import { z } from "zod";
import { DamagedResult, parseBounded } from "../core/damaged.ts";
import type { Second } from "../core/ledger.ts";
import { checked } from "../core/run_schema.ts";
import { FAILED_OUTCOMES } from "../core/snapshot.ts";
import { inflated, type Room } from "./read_histograms.ts";
import type { Stored } from "./result_schema.ts";
import { PERCENTILE_KEYS, SECOND_KEYS, SO_FAR_KEYS } from "./stored_run.ts";

/** A run of two weeks. */
const MOST_SECONDS = 14 * 86_400;

const number = z.number();

const secondRows = z
  .array(
    z.tuple([
      z
        .array(number)
        .min(SECOND_KEYS.length)
        .max(SECOND_KEYS.length + 1),
      z.array(number.nullable()).length(PERCENTILE_KEYS.length),
      z.array(number).max(64),
      z.array(number).length(SO_FAR_KEYS.length).nullable(),
      z.array(number).length(FAILED_OUTCOMES.length),
    ]),
  )
  .max(MOST_SECONDS);

const named = (keys: readonly string[], values: readonly unknown[]): object =>
  Object.fromEntries(keys.map((key, i) => [key, values[i] ?? undefined]));

export function secondsOf({ run }: Stored, room: Room): Second[] {
  const text = inflated(run.seconds, room).toString("utf8");
  const rows = checked(secondRows, parseBounded(text, { values: 40 * MOST_SECONDS, depth: 4 }));
  let t = 0;
  return rows.map(([scalars, percentiles, window, soFar, failed]) => {
    const span = scalars[SECOND_KEYS.length];
    if (span !== undefined && !(Number.isInteger(span) && span > 0))
      throw new DamagedResult("it has a second of no length");
    t += span ?? 1;
    return {
      t,
      ...(span === undefined ? {} : { span }),
      ...(named(SECOND_KEYS, scalars) as Omit<Second, "t" | "window" | "failed">),
      ...named(PERCENTILE_KEYS, percentiles),
      window,
      failed,
      ...(soFar === null ? {} : { soFar: named(SO_FAR_KEYS, soFar) as Second["soFar"] & object }),
    };
  });
}
