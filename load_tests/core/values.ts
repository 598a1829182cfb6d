import type { Random } from "./random.ts";

/** What templates are filled from. Further names are data of the step, e.g. `sent`. */
export interface Values {
  readonly user: { readonly id: string; readonly index: number };
  readonly run: { readonly id: string };
  /** Number of the user's iteration, from 0; in arrivals drive the arrival's number. */
  readonly iteration: number;
  readonly env: Readonly<Record<string, string>>;
  readonly random: Random;
  /** Wall time, milliseconds since 1970. */
  readonly now: number;
  readonly [name: string]: unknown;
}
