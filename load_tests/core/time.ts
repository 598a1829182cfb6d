/** How times and pauses are written down. */

/** Milliseconds on the run's clock; 0 is the start of the run. */
export type Ms = number;

/** A pause drawn anew each time: evenly from min to max, or of a distribution. Times in milliseconds. */
export type Pause =
  | { readonly min: Ms; readonly max: Ms }
  | { readonly exponential: Ms }
  | { readonly gamma: { readonly shape: number; readonly mean: Ms } }
  | { readonly lognormal: { readonly median: Ms; readonly sigma: number } }
  | { readonly values: readonly Ms[] };
